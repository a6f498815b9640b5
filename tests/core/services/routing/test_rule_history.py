"""Since when a case waited: since its prediction, by the rules of then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from core.lake.local_days import to_microseconds
from core.services.routing.rule_history import RuleHistory
from core.store.models import SpecRevision, spec_hash
from core.store.release_gate import WaitingTime
from tests.support.builders import contract_document

MODEL = "loans"
LARGE = {"id": "large", "name": "Large", "when": "amount >= 9000"}
EVERY = {"id": "every", "name": "Every", "share": 0.5}
LIMITED = {"id": "large", "name": "Large", "when": "amount >= limit"}
ONE, TWO, THREE = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
BEFORE, BETWEEN = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC)
MADE = datetime(2026, 3, 5, tzinfo=UTC)


def text(*rules: dict[str, Any], start: str = "", **parts: Any) -> str:
    review = {"rules": [dict(rule) for rule in rules]} | ({"from": start} if start else {})
    document = {**contract_document(), "review": review, **parts}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def history(*texts: str) -> list[SpecRevision]:
    return [
        SpecRevision(MODEL, number, each, spec_hash(each), at, "ada")
        for number, (each, at) in enumerate(zip(texts, (ONE, TWO, THREE), strict=False), start=1)
    ]


def begin(
    revisions: list[SpecRevision],
    *rules: str,
    predicted: datetime = BEFORE,
    made: datetime = MADE,
    sha256: str | None = None,
    by_rule: bool = True,
) -> datetime:
    by = revisions[-1].sha256 if sha256 is None else sha256
    case = WaitingTime("P", by_rule, predicted, made, None, by, rules)
    found = RuleHistory(revisions).begin(case)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found)


def test_a_rule_of_the_first_contract_chose_ever() -> None:
    assert begin(history(text(LARGE)), "large") == BEFORE
    assert begin(history(text(LARGE)), "large", predicted=BETWEEN) == BETWEEN
    assert begin(history(text(LARGE), text(LARGE, EVERY)), "large") == BEFORE


def test_a_rule_that_was_added_later_chose_nothing_before() -> None:
    revisions = history(text(), text(LARGE), text(LARGE, EVERY))
    assert begin(revisions, "large") == TWO
    assert begin(revisions, "every") == THREE
    assert begin(revisions, "large", "every") == TWO  # either of them held it
    late = THREE + timedelta(days=1)
    assert begin(revisions, "every", predicted=late) == late


@pytest.mark.parametrize(
    "changed",
    [
        {**LARGE, "when": "amount >= 8000"},
        {**LARGE, "share": 0.9},
        {**LARGE, "per": {"column": "sex", "at_least": 2}},
    ],
)
def test_a_rule_that_chooses_otherwise_is_another(changed: dict[str, Any]) -> None:
    assert begin(history(text(LARGE), text(changed)), "large") == TWO
    # Taken out and put back again it stands since it was put back.
    assert begin(history(text(LARGE), text(changed), text(LARGE)), "large") == THREE


@pytest.mark.parametrize(
    "renamed",
    [
        {**LARGE, "name": "Two large ones"},
        {**LARGE, "priority": 80, "tier": "high"},
        {**LARGE, "when": "amount  >=  9000.0"},
    ],
)
def test_what_it_is_called_and_how_soon_it_comes_up_choose_nothing(
    renamed: dict[str, Any],
) -> None:
    assert begin(history(text(LARGE), text(renamed)), "large") == BEFORE


def test_a_rule_is_held_against_what_it_means() -> None:
    high, low = {"limit": 9000}, {"limit": 8000}
    first = text(LIMITED, parameters=high)
    assert begin(history(first, text(LIMITED, parameters=low)), "large") == TWO
    assert begin(history(first, text(LIMITED, EVERY, parameters=high)), "large") == BEFORE


def test_the_levels_that_a_rule_names_are_part_of_it() -> None:
    rule = {"id": "loop", "name": "Loop", "when": 'oversight_level = "in_the_loop"'}

    loose, tight = (
        text(rule, versions=[{"id": "1", "oversight_level": level}])
        for level in ("in_command", "in_the_loop")
    )
    assert begin(history(loose, tight), "loop") == TWO
    assert begin(history(tight, tight), "loop") == BEFORE


def test_before_its_first_day_a_contract_chooses_nothing() -> None:
    # 1 January 2026 in Hong Kong; the later contract takes in what is older, too.
    revisions = history(text(LARGE, start="2026-01-01"), text(LARGE))
    assert begin(revisions, "large", predicted=BETWEEN) == BETWEEN
    assert begin(revisions, "large", predicted=BEFORE) == TWO


def test_without_its_contract_a_case_waits_from_when_it_was_made() -> None:
    revisions = history(text(LARGE))
    assert begin(revisions, "large", sha256="0" * 64) == MADE
    assert begin(revisions, "large", by_rule=False) == MADE
    assert begin(revisions, "unknown") == MADE  # nor does its contract tell of such a rule
    assert begin([], "large", sha256="0" * 64) == MADE


def test_no_case_waits_before_it_was_asked_for_or_after_it_was_made() -> None:
    ahead = MADE + timedelta(hours=5)  # as clocks that differ tell
    assert begin(history(text(LARGE)), "large", predicted=ahead) == MADE


def test_the_contract_that_made_it_is_the_one_of_then() -> None:
    """The same text was registered twice, with another between: each time it is a new beginning."""
    revisions = history(text(LARGE), text(EVERY), text(LARGE))
    assert begin(revisions, "large", made=MADE) == THREE
    assert begin(revisions, "large", made=BETWEEN, sha256=revisions[0].sha256) == BEFORE
    assert to_microseconds(ONE) < to_microseconds(THREE)
