import pytest

from core.domain.retention import (
    CLASS_OF,
    CONTRADICTIONS,
    RECORD_CLASSES,
    Contradiction,
    Grade,
    Rule,
    contradictions,
    shipped_rule,
)

C = Contradiction


@pytest.mark.parametrize(
    ("name", "low", "high", "held", "expected"),
    [
        ("decision_record", 10, 20, False, ()),
        ("decision_record", 20, 10, False, (C.maximum_below_minimum,)),
        ("decision_record", 10, 10, False, ()),
        ("decision_record", 10, None, False, (C.minimum_without_maximum,)),
        ("personal_data", None, None, False, (C.no_maximum,)),
        ("personal_data", None, 30, False, ()),
        ("personal_data", None, 30, True, (C.held_past_maximum,)),
        ("personal_data", 40, 30, True, (C.maximum_below_minimum, C.held_past_maximum)),
        ("export", None, None, False, ()),
    ],
)
def test_every_contradiction_is_named(
    name: str, low: int | None, high: int | None, held: bool, expected: tuple[Contradiction, ...]
) -> None:
    rule = Rule(name, low, high, "basis", Grade.own)
    assert contradictions(rule, held_past_maximum=held) == expected


def test_what_is_shipped() -> None:
    assert set(CONTRADICTIONS) == set(Contradiction)
    assert shipped_rule("refusal_log").minimum_days == 4 * 365
    assert shipped_rule("decision_record").grade is Grade.practice
    assert {CLASS_OF[stream] for stream in ("predictions", "quarantine")} == {"personal_data"}
    assert all(each.basis for each in RECORD_CLASSES.values())
