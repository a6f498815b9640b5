"""Every acceptance check lets a good letter pass, and finds the fault that it is for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.contract import ModelContract
from core.domain.explanation import LANGUAGES, CodeBook
from core.domain.explanation.readable import grade_of, longest_sentence
from core.domain.explanation.record import (
    LOGGED,
    NONE,
    Change,
    ExplanationRecord,
    OtherResult,
    OtherResults,
)
from core.i18n import translator
from core.reports.decision_letter import DecisionLetter, Section
from core.services.explanation.checks import (
    Check,
    form_checks,
    letter_checks,
    record_checks,
    withheld_checks,
)
from core.services.explanation.letter_material import Material
from core.services.explanation.letter_page import letter_page, source_text
from core.services.explanation.letter_words import CHECKS, REMEDIES
from core.services.explanation.telling import ToldReason, told_reasons
from tests.support.letters import a_lettered_workspace

Told = Mapping[str, tuple[ToldReason, ...]]
ONE_PAGE = dict.fromkeys(LANGUAGES, 1)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Material]:
    lettered = a_lettered_workspace(tmp_path_factory.mktemp("letters") / "home")
    yield lettered.material()
    lettered.world.workspace.store.close()


def of_record(good: Material, **changes: Any) -> dict[str, Check]:
    """Return the checks of a record that is good but for some changes."""
    given: dict[str, Any] = {
        "contract": good.contract,
        "book": good.book,
        "record": good.record,
        "again": good.again,
        "scores": good.scores,
    }
    return {each.name: each for each in record_checks(**{**given, **changes})}


def told_of(good: Material) -> dict[str, tuple[ToldReason, ...]]:
    return {
        each: told_reasons(translator(each), good.contract, good.book, good.record, masked=False)
        for each in LANGUAGES
    }


def pages_of(good: Material, told: Told, *, withheld: bool = False) -> dict[str, DecisionLetter]:
    return {
        each: letter_page(
            translator(each),
            good.contract,
            good.template.template,
            good.record,
            told[each],
            good.around,
            withheld=withheld,
        )
        for each in LANGUAGES
    }


def of_letter(good: Material, told: Told, pages: Mapping[str, DecisionLetter]) -> dict[str, Check]:
    sources = {each: source_text(translator(each), good.record) for each in LANGUAGES}
    return {each.name: each for each in letter_checks(told, sources, pages, ONE_PAGE)}


def failed(checks: Mapping[str, Check]) -> dict[str, str]:
    return {each.name: each.found for each in checks.values() if not each.passed}


def test_a_good_letter_passes_every_check(good: Material) -> None:
    assert good.record.others is not None
    assert good.record.others.found  # so that the last two checks of the record have work
    told = told_of(good)
    found = of_record(good) | of_letter(good, told, pages_of(good, told))
    assert failed(found) == {}
    others = {"nothing_told", "named_source"}  # of letters without reasons, and of dossiers
    assert {*found, *others} == set(CHECKS) == set(REMEDIES)


def test_another_score_than_the_log_has(good: Material) -> None:
    assert good.record.rescored is not None
    other = replace(good.record.rescored, agrees=False)
    assert "score" in failed(of_record(good, record=replace(good.record, rescored=other)))
    assert "score" in failed(of_record(good, record=replace(good.record, rescored=None)))


def test_what_the_log_added_up_itself_is_scored_by_nobody(good: Material) -> None:
    logged = replace(good.record, source=LOGGED, rescored=None)
    assert of_record(good, record=logged, again=logged)["score"] == Check("score", True, LOGGED)


def first_reason(good: Material, **changes: Any) -> ExplanationRecord:
    first, *others = good.record.reasons
    return replace(good.record, reasons=(replace(first, **changes), *others))


@pytest.mark.parametrize(
    "changes", [{"field": "sex"}, {"added": 9.0}, {"direction": "lowers"}, {"direction": "up"}]
)
def test_a_reason_that_is_no_input_or_did_something_else(
    good: Material, changes: dict[str, Any]
) -> None:
    field = changes.get("field", good.record.reasons[0].field)
    assert failed(of_record(good, record=first_reason(good, **changes)))["inputs"] == field


def test_a_field_that_the_contract_no_longer_has(good: Material) -> None:
    field = good.record.reasons[0].field
    fewer = tuple(each for each in good.contract.features if each.name != field)
    contract = good.contract.model_copy(update={"features": fewer})
    assert failed(of_record(good, contract=contract))["inputs"] == field


def test_no_reason_at_all(good: Material) -> None:
    bare = replace(good.record, reasons=())
    assert "inputs" in failed(of_record(good, record=bare, again=bare))


def test_a_reason_without_its_code(good: Material) -> None:
    reason = good.record.reasons[0]
    name = f"{reason.field} {reason.direction}"
    assert failed(of_record(good, book=CodeBook(())))["coded"].startswith(name)
    for code in ("", "ZZ99"):
        assert failed(of_record(good, record=first_reason(good, code=code)))["coded"] == name


def again_with(good: Material, what: str) -> ExplanationRecord:
    again, sums = good.again, good.again.attributions
    assert sums is not None
    first, *others = sums.parts
    moved = replace(first, added=first.added + 2e-9)
    changed: dict[str, ExplanationRecord] = {
        "source": replace(again, source=NONE),
        "decision": replace(again, subject=replace(again.subject, score=0.5)),
        "reasons": replace(again, reasons=again.reasons[::-1]),
        "inputs": replace(
            again, attributions=replace(sums, parts=(replace(first, value=1.0), *others))
        ),
        "sums": replace(again, attributions=replace(sums, parts=(moved, *others))),
    }
    return changed[what]


@pytest.mark.parametrize("what", ["source", "decision", "reasons", "inputs", "sums"])
def test_what_is_found_again_is_the_same(good: Material, what: str) -> None:
    assert failed(of_record(good, again=again_with(good, what))) == {"reproduces": what}


def test_sums_may_differ_by_what_a_sum_of_floats_may(good: Material) -> None:
    sums = good.again.attributions
    assert sums is not None
    near = tuple(replace(each, added=each.added + 1e-12) for each in sums.parts)
    again = replace(good.again, attributions=replace(sums, parts=near))
    assert failed(of_record(good, again=again)) == {}


def banned(good: Material, kind: str) -> ModelContract:
    assert good.record.others is not None
    (change,) = good.record.others.found[0].changes
    explanation = good.contract.explanation.model_copy(update={"proxies": (change.field,)})
    fixed = tuple(
        each.model_copy(update={"actionable": None}) if each.name == change.field else each
        for each in good.contract.features
    )
    updates: dict[str, dict[str, Any]] = {
        "protected": {"protected": (change.field,)},
        "proxy": {"explanation": explanation},
        "fixed": {"features": fixed},
    }
    return good.contract.model_copy(update=updates[kind])


@pytest.mark.parametrize("kind", ["protected", "proxy", "fixed"])
def test_nobody_is_advised_what_must_not_be(good: Material, kind: str) -> None:
    assert good.record.others is not None
    field = good.record.others.found[0].changes[0].field
    assert failed(of_record(good, contract=banned(good, kind))) == {"advice": field}


def test_what_moves_along_is_advice_too(good: Material) -> None:
    others = good.record.others
    assert others is not None
    moved = replace(others.found[0], moved=(Change("gone", 1.0, 2.0),))
    record = replace(good.record, others=replace(others, found=(moved, *others.found[1:])))
    assert failed(of_record(good, record=record)) == {"advice": "gone"}


def test_another_result_gives_its_score_and_the_other_decision(good: Material) -> None:
    (score,) = good.scores
    assert failed(of_record(good, scores=(score + 2e-9,))) == {"other_results": "1"}
    assert failed(of_record(good, scores=(float("nan"),))) == {"other_results": "1"}
    assert "other_results" in failed(of_record(good, scores=()))

    others = good.record.others
    assert others is not None
    adverse = replace(others.found[0], score=0.5)
    record = replace(good.record, others=replace(others, found=(adverse,)))
    assert failed(of_record(good, record=record, scores=(0.5,))) == {"other_results": "1"}


@pytest.mark.parametrize(
    ("relation", "score", "passes"),
    [("<", 1.0, False), ("<=", 1.0, True), (">", 1.0, False), (">=", 1.0, True), ("", 1.0, False)],
)
def test_a_score_on_the_cut_off(good: Material, relation: str, score: float, passes: bool) -> None:
    found = (OtherResult((), (), score, 0.1, 0.1),)
    record = replace(good.record, others=OtherResults(found, "", relation, 1.0))
    assert of_record(good, record=record, scores=(score,))["other_results"].passed == passes


def test_a_letter_that_does_not_say_where_its_reasons_are_from(good: Material) -> None:
    told = told_of(good)
    pages = pages_of(good, told)
    first, *others = pages["en"].sections
    pages["en"] = replace(pages["en"], sections=(replace(first, paragraphs=()), *others))
    assert failed(of_letter(good, told, pages)) == {"source": "en"}


def test_a_reason_that_could_be_said_to_anybody(good: Material) -> None:
    told = told_of(good)
    first, *others = told["zh-HK"]
    told["zh-HK"] = (replace(first, sentence="評分過低"), *others)
    found = failed(of_letter(good, told, pages_of(good, told)))
    assert found == {"specific": f"zh-HK {first.code}"}


def test_a_language_that_says_less(good: Material) -> None:
    told = told_of(good)
    pages = pages_of(good, told)
    fewer = told | {"zh-CN": told["zh-CN"][1:]}
    assert failed(of_letter(good, fewer, pages)) == {"languages": "zh-CN"}
    assert failed(of_letter(good, told, pages_of(good, fewer))) == {"languages": "zh-CN"}


def test_a_second_page(good: Material) -> None:
    pages = pages_of(good, told_of(good))
    one, _ = form_checks(pages, ONE_PAGE | {"zh-HK": 2})
    assert one == Check("one_page", False, "zh-HK: 2")


@pytest.mark.parametrize(
    ("language", "hard"),
    [
        ("en", "Notwithstanding multitudinous incompatibilities " * 12 + "."),
        ("zh-HK", "一" * 81 + "。"),
        ("zh-CN", "一" * 81 + "。"),
    ],
)
def test_how_hard_words_are_is_kept_and_too_hard_ones_are_refused(
    good: Material, language: str, hard: str
) -> None:
    pages = pages_of(good, told_of(good))
    long = Section("More", paragraphs=(hard,) * 9)
    measured = form_checks(pages, ONE_PAGE)[1]
    said = dict(each.split(": ") for each in measured.found.split(", "))
    assert measured.passed
    assert set(said) == set(LANGUAGES)
    assert float(said["en"]) == pytest.approx(grade_of(pages["en"].sentences()), abs=0.05)
    assert int(said["zh-HK"]) == longest_sentence(pages["zh-HK"].sentences()) <= 80
    pages[language] = replace(pages[language], sections=(long,))
    _, readable = form_checks(pages, ONE_PAGE)
    assert not readable.passed
    assert readable.found.startswith(f"{language}: ")


def test_a_letter_that_keeps_the_reasons_back_tells_none(good: Material) -> None:
    told = told_of(good)
    pages = pages_of(good, told, withheld=True)
    assert all(each.passed for each in withheld_checks(told, pages, ONE_PAGE))
    assert not withheld_checks(told, pages_of(good, told), ONE_PAGE)[0].passed

    leak = Section("Note", paragraphs=(f"It was: {told['en'][0].sentence}",))
    pages["en"] = replace(pages["en"], sections=(leak,))
    assert withheld_checks(told, pages, ONE_PAGE)[0] == Check(
        "nothing_told", False, f"en {told['en'][0].code}"
    )
