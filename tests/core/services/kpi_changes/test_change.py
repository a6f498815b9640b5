"""Why a KPI changed, on loans whose causes are known: a cut-off, one industry, a new version."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.kpi_level import KpiLevel
from core.errors import Forbidden, InvalidInput, NotComputable, NotFound
from core.i18n import translator
from core.metrics.decomposition import Cause, Player
from core.services import rates
from core.services.kpi_changes import KpiChange, kpi_change, rows_of_change
from core.services.kpi_changes.result import Contribution
from core.services.kpis import kpi_figures
from core.services.questions import Question
from tests.support.builders import ADMIN
from tests.support.valued import CHANGED, Valued, build_valued, valued_loans

KPIS: list[dict[str, object]] = [
    {"id": name, "name": name, "definition": text, "unit": unit, "maturity": maturity}
    for name, text, unit, maturity in (
        ("flag_rate", "share(flagged)", "share", "none"),
        ("lent", "sum(amount where approved)", "HKD", "none"),
        ("middle", "median(amount)", "HKD", "none"),
        ("old_rate", "share(flagged)", "share", "90 days"),
        # Amounts of version 1 are missing, as in a log that began to write them with version 2.
        ("begun", 'sum(if(version = "2", amount, amount / 0))', "HKD", "none"),
        ("never", "sum(amount) / sum(amount where amount < 0)", "number", "none"),
    )
]
AIM = {"set_on": "2024-12-01", "set_by": "Credit committee"}
KPIS += [
    {
        "id": name,
        "name": name,
        "definition": text,
        "unit": unit,
        "direction": "higher_is_better",
        "target": {"value": value, **AIM},
    }
    for name, text, unit, value in (
        ("granted", "sum(amount where approved)", "HKD", 1e12),
        ("granted_rate", "share(approved)", "share", 0.999),
        ("riskiest", "share(flagged where score >= 0.75)", "share", 0.5),
    )
]
WORSE = pd.Timestamp("2025-04-01", tz="Asia/Hong_Kong")
NEW = pd.Timestamp("2025-12-01", tz="Asia/Hong_Kong")
CAUSES = {"volume", "mix", "version", "policy", "overrides", "behaviour"}


def the_loans() -> pd.DataFrame:
    """Return loans of which food is lost more often from April to June; version 2 in December."""
    loans = valued_loans()
    at, food = loans["approved_at"], loans["industry"] == "food"
    worse = food & (at >= WORSE) & (at < pd.Timestamp("2025-07-01", tz="Asia/Hong_Kong"))
    lost = worse & (np.arange(len(loans)) % 3 == 0)
    loans.loc[lost, "charged_off"] = 1
    new = at >= NEW
    loans.loc[new, "model_version"] = "2"
    loans.loc[new, "score"] = (loans.loc[new, "score"] + 0.15).clip(upper=1).round(4)
    flagged = np.where(at < CHANGED, loans["score"] >= 0.5, loans["score"] >= 0.4)
    decision = np.where(flagged, "decline", "approve")
    return loans.assign(
        flagged=flagged, decision=decision, final=flagged ^ loans["reviewed"].to_numpy()
    )


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Valued:
    home = tmp_path_factory.mktemp("changes")
    return build_valued(home, loans=the_loans(), kpi_set="bank_credit", kpis=KPIS)


def ask(
    valued: Valued, kpi: str, start: str | None = None, end: str | None = None,
    baseline: str = "previous", actor: Actor = ADMIN, segment: str | None = None,
    currency: str | None = None, **question: str,
) -> KpiChange:  # fmt: skip
    asked = Question("loans", start, end, **question)
    return kpi_change(
        valued.workspace, asked, kpi, actor=actor, baseline=baseline, segment=segment,
        currency=currency,
    )  # fmt: skip


def between(loans: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Return the loans of some days in Hong Kong, both included."""
    days = loans["approved_at"].dt.tz_convert("Asia/Hong_Kong").dt.date
    inside = (days >= pd.Timestamp(start).date()) & (days <= pd.Timestamp(end).date())
    return pd.DataFrame(loans[inside.to_numpy()])


def added(change: KpiChange, cause: Cause) -> Contribution | None:
    """Return what a cause added; ``None`` if the KPI does not depend on it."""
    return next((each for each in change.contributions if each.cause is cause), None)


def named(change: KpiChange) -> set[str]:
    return {str(each.cause) for each in change.contributions if each.beyond_chance}


def test_a_cut_off_that_moved_is_told_as_the_policy(valued: Valued) -> None:
    found = ask(valued, "approval_rate", "2025-09-01", "2025-11-30")
    summer = between(valued.loans, "2025-06-01", "2025-08-31")
    autumn = between(valued.loans, "2025-09-01", "2025-11-30")
    approved = [1 - part["final"].mean() for part in (summer, autumn)]
    assert (found.before.value, found.after.value) == pytest.approx(approved, abs=1e-12)
    assert (found.before.n, found.after.n) == (len(summer), len(autumn))
    assert found.change == pytest.approx(approved[1] - approved[0], abs=1e-12)
    assert sum(each.value for each in found.contributions) == pytest.approx(found.change, abs=1e-9)
    assert named(found) == {"policy"}
    # The share of loans that only the new cut-off declines; a fifteenth is turned by reviewers.
    between_cuts = pd.concat([summer, autumn])["score"].between(0.4, 0.5, inclusive="left").mean()
    policy = added(found, Cause.policy)
    assert policy is not None
    assert policy.value == pytest.approx(-between_cuts * 13 / 15, abs=0.02)
    text = found.sentence(translator("en"))
    assert text.startswith("Approval rate fell ")
    assert " from the policy" in text


def test_the_kind_of_loan_that_is_lost_more_often_is_told_with_its_segment(valued: Valued) -> None:
    found = ask(valued, "default_rate", "2025-04-01", "2025-06-30")
    behaviour = added(found, Cause.behaviour)
    assert behaviour is not None
    assert named(found) == {"behaviour"}
    parts = {each.label: each for each in behaviour.parts}
    assert parts["food"].beyond_chance
    assert not parts["retail"].beyond_chance
    assert sum(each.value for each in parts.values()) == pytest.approx(behaviour.value)
    assert found.cause_name(Cause.behaviour, translator("en")) == "How similar cases turned out"
    assert found.segment == "industry"


def test_a_new_version_is_told_as_such_and_what_that_hides(valued: Valued) -> None:
    found = ask(valued, "flag_rate", "2025-12-01", "2025-12-31")
    assert found.new_version
    assert named(found) == {"version"}
    assert found.comparable == 0
    text = found.sentence(translator("en"))
    assert "from the new version" in text
    assert "cannot be told apart from it" in text


def test_who_applied_is_told_by_segment_and_score(valued: Valued) -> None:
    found = ask(valued, "flag_rate", "2025-03-01", "2025-03-31")
    mix = added(found, Cause.mix)
    assert mix is not None
    players = {each.player: each.value for each in mix.players}
    assert set(players) == {Player.segments, Player.scores}
    assert sum(players.values()) == pytest.approx(mix.value)
    # Industries take turns: their shares hardly change. What is flagged is so by its score.
    assert abs(players[Player.segments]) < 0.002
    assert mix.value == pytest.approx(found.change, abs=0.01)


def test_more_loans_are_told_of_a_total_alone(valued: Valued) -> None:
    found = ask(valued, "lent", "2025-03-01", "2025-03-31")  # 31 days after 28
    volume = added(found, Cause.volume)
    assert volume is not None
    assert volume.value == pytest.approx(3 / 28 * found.before.value, rel=0.08)
    assert added(ask(valued, "flag_rate", "2025-03-01", "2025-03-31"), Cause.volume) is None


def test_exchanged_periods_turn_the_sign(valued: Valued) -> None:
    there = ask(valued, "approval_rate", "2025-09-01", "2025-11-30", "2025-06-01..2025-08-31")
    back = ask(valued, "approval_rate", "2025-06-01", "2025-08-31", "2025-09-01..2025-11-30")
    assert back.change == pytest.approx(-there.change)
    for each in there.contributions:
        other = added(back, each.cause)
        assert other is not None
        assert other.value == pytest.approx(-each.value, abs=1e-12)


@pytest.mark.parametrize("kpi", ["approval_rate", "default_rate", "lent", "profit_per_approval"])
def test_each_end_is_the_figure_of_the_kpi_itself(valued: Valued, kpi: str) -> None:
    found = ask(valued, kpi, "2025-04-01", "2025-06-30")
    for figure, span in ((found.before, found.periods.before), (found.after, found.periods.after)):
        first, last = span.days("Asia/Hong_Kong")
        question = Question("loans", first.isoformat(), last.isoformat(), by="all")
        answer = kpi_figures(valued.workspace, question, actor=ADMIN, ids=[kpi])
        whole = answer.kpis[0].whole
        assert figure.value == pytest.approx(whole.value, rel=1e-12)
        assert (figure.n, figure.level) == (whole.n, whole.level)
        # The spread of groups against the delta method: an error of 7 %, at three of these.
        assert figure.high - figure.low == pytest.approx(whole.high - whole.low, rel=0.25)


def test_few_rows_behind_a_figure_are_not_judged(valued: Valued) -> None:
    found = ask(valued, "riskiest", "2025-03-01", "2025-03-31")
    assert 0 < found.after.n < 30 < found.rows[1]
    assert found.after.level is KpiLevel.not_enough_data


def test_money_is_told_in_another_currency(valued: Valued, tmp_path: Path) -> None:
    before = ask(valued, "lent", "2025-03-01", "2025-03-31")
    file = tmp_path / "rates.csv"
    file.write_text("day,currency,hkd\n2024-12-31,GBP,10\n2025-03-01,GBP,8\n", encoding="utf-8")
    rates.import_rates(valued.workspace, file, actor=ADMIN)
    found = ask(valued, "lent", "2025-03-01", "2025-03-31", currency="GBP")
    assert found.definition.currency == "GBP"
    assert found.before.value == pytest.approx(before.before.value / 10)
    assert found.after.value == pytest.approx(before.after.value / 8)
    assert "£" in found.sentence(translator("en"))
    # February whole, and March from the 12th: rates that are older than ten days.
    assert (before.stale_days, found.stale_days) == (0, 28 + 20)
    said = "On 48 days the rate was more than ten days old."
    assert said in found.sentence(translator("en"))
    assert said not in before.sentence(translator("en"))


def test_money_of_days_without_a_rate_is_not_compared(valued: Valued, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("day,currency,hkd\n2025-03-10,CNY,1.2\n", encoding="utf-8")
    rates.import_rates(valued.workspace, file, actor=ADMIN)
    with pytest.raises(NotComputable) as refused:
        ask(valued, "lent", "2025-04-01", "2025-04-30", currency="CNY")
    assert str(refused.value).startswith(
        "2025-03-01 to 2025-03-31 has days without an exchange rate, so its money cannot be "
        "compared."
    )
    with pytest.raises(NotComputable, match="2025-03-01 to 2025-03-31 has days without"):
        ask(valued, "lent", "2025-03-01", "2025-03-31", "2025-04-01..2025-04-30", currency="CNY")
    found = ask(valued, "lent", "2025-05-01", "2025-05-31", currency="CNY")
    own = ask(valued, "lent", "2025-05-01", "2025-05-31")
    assert found.before.value == pytest.approx(own.before.value / 1.2)
    assert ask(valued, "approval_rate", "2025-04-01", "2025-04-30", currency="CNY").rows[0] > 0


@pytest.mark.parametrize(
    ("kpi", "end", "level"),
    [
        ("granted", "2025-04-30", KpiLevel.missed),
        ("granted", "2025-06-30", KpiLevel.no_target),  # the target is one of a month
        ("granted_rate", "2025-06-30", KpiLevel.missed),
    ],
)
def test_how_it_stands_is_what_the_figures_say(
    valued: Valued, kpi: str, end: str, level: KpiLevel
) -> None:
    found = ask(valued, kpi, "2025-04-01", end)
    assert found.after.level is level
    assert (found.after.target is None) == (level is KpiLevel.no_target)


def test_a_period_that_goes_on_is_said_to(valued: Valued) -> None:
    found = ask(valued, "lent", "2026-01-01", "2026-01-31", "2025-12-01..2025-12-31")
    assert not found.after.complete
    said = "The period is not over, or not wholly in the log."
    assert said in found.sentence(translator("en"))
    whole = ask(valued, "lent", "2025-12-01", "2025-12-31")
    assert said not in whole.sentence(translator("en"))


def test_the_three_views_of_one_change_agree(valued: Valued) -> None:
    found = ask(valued, "default_rate", "2025-04-01", "2025-06-30")
    three = found.three_fold
    whole = three.composition + three.behaviour + three.interaction
    assert whole == pytest.approx(found.change, abs=1e-9)
    rows = rows_of_change(found)
    assert sum(row.value for row in rows if not row.by) == pytest.approx(found.change, abs=1e-9)
    assert sum(row.value for row in rows if row.by == "industry") == pytest.approx(found.change)
    assert {row.cause for row in rows} <= CAUSES


def test_without_days_the_newest_month_that_is_final_is_taken(valued: Valued) -> None:
    # The log ends on 10 January 2026, outcomes 60 days later; they are final after three months.
    assert ask(valued, "approval_rate").periods.after.days("Asia/Hong_Kong")[0].isoformat() == (
        "2025-12-01"
    )
    found = ask(valued, "default_rate")
    first, last = found.periods.after.days("Asia/Hong_Kong")
    assert (first.isoformat(), last.isoformat()) == ("2025-11-01", "2025-11-30")
    assert found.not_final == (0, 0)


def test_what_is_not_final_is_left_out_and_said(valued: Valued) -> None:
    found = ask(valued, "default_rate", "2025-12-01", "2026-01-10", "2025-10-01..2025-11-10")
    loans = between(valued.loans, "2025-12-01", "2026-01-10")
    assert found.not_final == (0, len(loans) - found.rows[1])
    assert 0 < found.not_final[1] < len(loans)
    assert found.after.maturity == "partial"
    assert "have no final result yet and are left out." in found.sentence(translator("en"))
    aged = ask(valued, "old_rate", "2025-12-01", "2026-01-10", "2025-10-01..2025-11-10")
    assert aged.not_final[0] == 0 < aged.not_final[1]
    assert "are too young to count yet and are left out." in aged.sentence(translator("en"))


def test_loans_that_never_have_a_result_do_not_make_it_partial(tmp_path: Path) -> None:
    built = build_valued(
        tmp_path / "home", loans=valued_loans(2000), kpi_set="bank_credit", declined_known=False
    )
    found = ask(built, "default_rate", "2025-06-01", "2025-06-30")
    june = between(built.loans, "2025-06-01", "2025-06-30")
    assert found.not_final == (0, 0)
    assert found.without_result[1] == len(june) - found.rows[1] > 0
    assert found.after.maturity == "matured"
    text = found.sentence(translator("en"))
    assert "are old enough but have no result; they are left out." in text
    assert "no final result yet" not in text
    built.workspace.store.close()


def test_what_no_row_has_a_value_of_is_not_taken_for_nothing(valued: Valued) -> None:
    with pytest.raises(NotComputable, match="none with a value"):
        ask(valued, "begun", "2025-12-01", "2025-12-31")


def test_the_same_question_is_answered_once(valued: Valued) -> None:
    first = ask(valued, "approval_rate", "2025-09-01", "2025-11-30")
    assert ask(valued, "approval_rate", "2025-09-01", "2025-11-30") is first
    other = ask(valued, "approval_rate", "2025-09-01", "2025-11-30", segment="industry")
    assert [each.value for each in other.contributions] == [
        each.value for each in first.contributions
    ]


@pytest.mark.parametrize(
    ("kpi", "start", "end", "baseline", "error", "words"),
    [
        ("none", "2025-09-01", "2025-09-30", "previous", NotFound, "none"),
        ("middle", "2025-09-01", "2025-09-30", "previous", NotComputable, "median"),
        ("never", "2025-09-01", "2025-09-30", "previous", NotComputable, "cannot be computed"),
        ("flag_rate", "2025-01-01", "2025-01-31", "previous", NotComputable, "log begins"),
        ("flag_rate", "2025-09-01", "2025-09-30", "last-year", NotComputable, "log begins"),
        ("flag_rate", "2025-09-01", "2025-09-02", "previous", NotComputable, "too few"),
        ("default_rate", "2026-01-05", "2026-01-10", "previous", NotComputable, "no row"),
        ("flag_rate", "2025-09-01", "2025-09-30", "then", InvalidInput, "'then'"),
        ("flag_rate", "2025-09-01", "2025-09-30", "2025-08-01..x", InvalidInput, "'x'"),
        ("flag_rate", "2025-09-01", "2025-09-30", "2025-08-01..2025-09-01", InvalidInput, "lap"),
        ("flag_rate", "2025-01-01", "2026-01-31", "last-year", InvalidInput, "longer than a year"),
    ],
)
def test_what_cannot_be_told_has_a_reason(
    valued: Valued, kpi: str, start: str, end: str, baseline: str, error: type[Exception],
    words: str,
) -> None:  # fmt: skip
    with pytest.raises(error, match=words):
        ask(valued, kpi, start, end, baseline)


def test_unknown_segments_and_currencies_are_refused(valued: Valued) -> None:
    with pytest.raises(InvalidInput, match="has no segment x"):
        ask(valued, "flag_rate", "2025-09-01", "2025-09-30", segment="x")
    with pytest.raises(InvalidInput, match="exchange rates of USD"):
        ask(valued, "lent", "2025-09-01", "2025-09-30", currency="USD")
    same = ask(valued, "lent", "2025-09-01", "2025-09-30", currency="HKD")
    assert same.definition.currency == "HKD"


def test_who_may_not_see_the_model_is_refused(valued: Valued) -> None:
    stranger = replace(ADMIN, roles=frozenset({Role.business}), models=frozenset())
    with pytest.raises((Forbidden, NotFound)):
        ask(valued, "flag_rate", "2025-09-01", "2025-09-30", actor=stranger)


def test_values_of_a_personal_segment_are_numbered(tmp_path: Path) -> None:
    features = [
        {"name": "loan amount", "type": "numeric"},
        {"name": "industry", "type": "categorical", "personal": True},
    ]
    valued = build_valued(tmp_path, kpis=KPIS[:1], features=features)
    found = ask(valued, "flag_rate", "2025-09-01", "2025-11-30")
    policy = added(found, Cause.policy)
    assert policy is not None
    assert {each.label for each in policy.parts} == {"••• 1", "••• 2"}


def test_before_the_reference_is_complete_all_rows_are_one(tmp_path: Path) -> None:
    window = {"from": "2025-01-01", "to": "2026-12-31"}
    found = ask(build_valued(tmp_path, kpis=KPIS[:1], reference=window), "flag_rate",
                "2025-09-01", "2025-11-30")  # fmt: skip
    assert found.segment == ""


def test_a_set_without_what_it_needs_says_so_and_no_segment_is_one_whole(tmp_path: Path) -> None:
    valued = build_valued(
        tmp_path, kpi_set="fraud", kpis=KPIS[:1], segments=[], reviews=False, policy=None
    )
    found = ask(valued, "flag_rate", "2025-09-01", "2025-11-30")
    assert found.segment == ""
    assert all(not each.parts for each in found.contributions)
    with pytest.raises(NotComputable, match="lacks what it is computed from"):
        ask(valued, "alerts_per_analyst_hour", "2025-09-01", "2025-11-30")
