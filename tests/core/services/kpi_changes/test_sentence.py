"""The sentence in three languages: what is named, in which unit, and what is said beside."""

from typing import Any

import pytest

from core.i18n import translator
from core.metrics.decomposition import Cause
from core.services.kpi_changes.sentence import Told, cause_name, change_sentence

NAMES = {"en": "Approval rate", "zh-HK": "批核率", "zh-CN": "批准率"}


def told(locale: str = "en", /, **changes: Any) -> str:
    given: dict[str, Any] = {
        "name": NAMES[locale],
        "unit": "share",
        "currency": "",
        "change": -0.042,
        "beyond_chance": True,
        "causes": (
            (Cause.mix, -0.031, True),
            (Cause.version, -0.009, True),
            (Cause.policy, 0.0, False),
            (Cause.overrides, -0.002, True),
        ),
        "applicants": True,
        "new_version": True,
        **changes,
    }
    return change_sentence(Told(**given), translator(locale))


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (
            "en",
            "Approval rate fell 4.2 points: 3.1 from who applied, 0.9 from the new version, "
            "0.2 from reviewers.",
        ),
        (
            "zh-HK",
            "批核率下跌 4.2 個百分點：3.1 來自申請人組成、0.9 來自新版本、0.2 來自覆核人員。",
        ),
        (
            "zh-CN",
            "批准率下降 4.2 个百分点：3.1 来自申请人结构、0.9 来自新版本、0.2 来自复核人员。",
        ),
    ],
)
def test_the_sentence_of_the_three_languages(locale: str, text: str) -> None:
    assert told(locale) == text


def test_causes_the_other_way_are_told_apart() -> None:
    causes = ((Cause.mix, -0.003, True), (Cause.behaviour, 0.089, True))
    assert told(change=0.086, causes=causes, outcomes=True) == (
        "Approval rate rose 8.6 points: 8.9 from how similar cases turned out; the other way, "
        "0.3 from who applied."
    )


def test_only_causes_beyond_chance_are_named() -> None:
    causes = ((Cause.mix, 0.03, True), (Cause.policy, 0.01, False))
    assert told(change=0.04, causes=causes) == (
        "Approval rate rose 4.0 points: 3.0 from who applied. The rest is within chance."
    )
    none = ((Cause.mix, 0.03, False), (Cause.policy, 0.01, False))
    assert told(change=0.04, causes=none) == (
        "Approval rate rose 4.0 points; no single cause is beyond chance."
    )
    assert told(change=-0.04, causes=none).startswith("Approval rate fell 4.0 points; no")


def test_a_rest_too_small_to_see_is_not_worth_a_word() -> None:
    causes = ((Cause.mix, 0.04, True), (Cause.policy, 0.0004, False))
    assert "rest" not in told(change=0.0404, causes=causes)


def test_causes_that_all_worked_the_other_way_are_named_so() -> None:
    causes = ((Cause.mix, -0.02, True), (Cause.behaviour, 0.05, False))
    assert told(change=0.03, causes=causes) == (
        "Approval rate rose 3.0 points; all that is beyond chance worked the other way: "
        "2.0 from who applied."
    )
    turned = ((Cause.mix, 0.02, True), (Cause.behaviour, -0.05, False))
    assert told(change=-0.03, causes=turned) == (
        "Approval rate fell 3.0 points; all that is beyond chance worked the other way: "
        "2.0 from who applied."
    )


def test_a_change_within_chance_is_neither_a_rise_nor_a_fall() -> None:
    quiet = ((Cause.mix, 0.001, False),)
    assert told(change=0.001, beyond_chance=False, causes=quiet) == (
        "Approval rate did not change beyond chance (+0.10 points)."
    )
    assert told(change=-0.001, beyond_chance=False, causes=quiet) == (
        "Approval rate did not change beyond chance (−0.10 points)."
    )
    assert told(change=0.0, beyond_chance=False, causes=()) == "Approval rate did not change."


def test_what_rounds_to_nothing_is_neither_a_rise_nor_a_cause() -> None:
    least = ((Cause.mix, 1e-8, True),)
    assert told(change=1e-8, causes=least) == "Approval rate did not change."
    counts = ((Cause.mix, 20.2, True), (Cause.behaviour, -20.0, True))
    assert told(unit="count", change=0.2, causes=counts) == (
        "Approval rate did not change beyond chance (0). Pushing it up: 20 from who applied; "
        "pushing it down: 20 from what similar cases were like."
    )
    beside = ((Cause.mix, 0.05, True), (Cause.overrides, -0.00001, True))
    assert (
        told(change=0.05, causes=beside) == "Approval rate rose 5.0 points: 5.0 from who applied."
    )


def test_the_sign_of_a_cause_is_told_where_the_whole_is_within_chance() -> None:
    causes = ((Cause.mix, 0.02, True), (Cause.policy, -0.0194, True))
    assert told(change=0.0006, beyond_chance=False, causes=causes) == (
        "Approval rate did not change beyond chance (+0.1 points). Pushing it up: 2.0 from who "
        "applied; pushing it down: 1.9 from the policy."
    )
    down = ((Cause.mix, -0.0059, True), (Cause.behaviour, 0.0079, False))
    assert told(change=0.002, beyond_chance=False, causes=down) == (
        "Approval rate did not change beyond chance (+0.20 points). Pushing it down: 0.59 from "
        "who applied."
    )
    tiny = ((Cause.mix, 0.05, True),)
    assert told(change=-0.0002, beyond_chance=False, causes=tiny) == (
        "Approval rate did not change beyond chance (−0.020 points). Pushing it up: 5.0 from who "
        "applied."
    )


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (
            "zh-HK",
            "批核率的變動（+0.20 個百分點）沒有超出偶然波動。拉低的有：0.59 來自申請人組成。",
        ),
        (
            "zh-CN",
            "批准率的变动（+0.20 个百分点）没有超出偶然波动。拉低的有：0.59 来自申请人结构。",
        ),
    ],
)
def test_the_sign_is_told_in_chinese(locale: str, text: str) -> None:
    down = ((Cause.mix, -0.0059, True),)
    assert told(locale, change=0.002, beyond_chance=False, causes=down) == text


@pytest.mark.parametrize(
    ("unit", "currency", "change", "size"),
    [
        ("money", "HKD", 1_234_567.0, "HK$1.23M: HK$1.23M from"),
        ("days", "", 1.0, "1 day: 1 from"),
        ("days", "", 3.456, "3.46 days: 3.46 from"),
        ("hours", "", 2.5, "2.5 hours: 2.5 from"),
        ("minutes", "", 30.0, "30 minutes: 30 from"),
        ("count", "", 1_234.0, "1,234: 1,234 from"),
        ("count", "", 0.4, "0.4: 0.4 from"),
        ("count", "", 123_456.0, "123K: 123K from"),
        ("number", "", 0.012345, "0.0123: 0.0123 from"),
        ("relative", "", 0.9, "90.0 points: 90.0 from"),
        ("share", "", 0.00123, "0.12 points: 0.12 from"),
    ],
)
def test_amounts_are_in_the_unit_of_the_kpi(
    unit: str, currency: str, change: float, size: str
) -> None:
    text = told(unit=unit, currency=currency, change=change, causes=((Cause.mix, change, True),))
    assert text == f"Approval rate rose {size} who applied."


def test_words_fit_what_the_model_is_about() -> None:
    every = tuple((cause, 0.01, True) for cause in Cause)
    text = told(change=0.06, causes=every, applicants=False, new_version=False, policy=False)
    assert text == (
        "Approval rate rose 6.0 points: 1.0 from the number of cases, 1.0 from the mix of cases, "
        "1.0 from the model version, 1.0 from automated decisions, 1.0 from reviewers, "
        "1.0 from what similar cases were like."
    )
    plain = Told("", "share", "", 0.0, beyond_chance=False, causes=(), policy=False)
    t = translator("en")
    assert [cause_name(plain, cause, t) for cause in Cause] == [
        "Number of cases", "Mix of cases", "Model version", "Automated decisions", "Reviewers",
        "What similar cases were like",
    ]  # fmt: skip
    rich = Told(
        "", "share", "", 0.0, beyond_chance=False, causes=(), applicants=True, outcomes=True,
        new_version=True,
    )  # fmt: skip
    assert [cause_name(rich, cause, t) for cause in Cause] == [
        "Number of cases", "Who applied", "New version", "Policy", "Reviewers",
        "How similar cases turned out",
    ]  # fmt: skip


def test_what_limits_the_answer_is_said() -> None:
    assert told(comparable=0.2, new_version=False).endswith(
        "Only 20% of the cases have like ones in both periods."
    )
    assert told(comparable=0.2).endswith(
        "what else changed with the new version cannot be told apart from it."
    )
    assert told(young=0.4).endswith("40% of the cases have no final result yet and are left out.")
    assert told(young=0.4, aged=True).endswith(
        "40% of the cases are too young to count yet and are left out."
    )
    assert told(unknown=0.4, over=False).endswith(
        "The period is not over, or not wholly in the log. "
        "40% of the cases are old enough but have no result; they are left out."
    )
