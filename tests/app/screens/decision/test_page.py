"""What the page of a decision says of the record's values, each in words."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from app.screens.decision.page import changes_panel, headline, reasons_panel
from app.screens.decision.picture import MOST, steps_of
from app.screens.decision.words import (
    METHODS,
    NOTHING,
    SCALES,
    SOURCES,
    STUCK,
    UNKNOWN_SIDE,
    role_text,
    standing_text,
)
from core.contract.governance import ModelVersion
from core.domain.explanation import CodeBook
from core.domain.explanation.record import (
    Attributions,
    OtherResults,
    Part,
    Reason,
    Rule,
    Standing,
    Steadiness,
)
from core.i18n import translator
from core.metrics.attribution.result import Method
from core.metrics.attribution.spaces import Space
from core.metrics.counterfactual import Nothing, Stuck
from core.services.explanation.looking import DecisionView
from tests.support.builders import a_contract

T = translator("en")


def view_of(**record: object) -> DecisionView:
    """Return a view with as much of a record as a function reads."""
    known = {"rule": Rule(adverse=True), "others": None, "steadiness": None, "reasons": ()}
    found = SimpleNamespace(
        contract=a_contract(segments=None),
        record=SimpleNamespace(**{**known, **record}),
        book=CodeBook(()),
        is_score_masked=False,
        level=None,
    )
    return cast("DecisionView", found)


def test_every_value_of_a_record_has_its_words() -> None:
    assert set(NOTHING) == {*Nothing, "no_policy", "not_adverse"}
    assert set(STUCK) == set(Stuck)
    assert set(SCALES) == set(Space)
    assert set(METHODS) == {*Method, "logged"}
    assert set(SOURCES) == {"model", "logged", "none"}
    levels = ModelVersion.model_fields["oversight_level"].annotation
    for level in ("in_the_loop", "in_command", "out_of_the_loop"):
        assert level in str(levels)
        assert role_text(T, level).startswith("The model ")


@pytest.mark.parametrize("why", NOTHING)
def test_that_no_change_is_named_is_said_with_its_reason(why: str) -> None:
    html = changes_panel(T, T, view_of(others=OtherResults((), why)))
    assert NOTHING[why] in html


def test_nobody_said_which_decisions_are_against_a_person() -> None:
    html = changes_panel(T, T, view_of(others=OtherResults((), "not_adverse"), rule=Rule()))
    assert UNKNOWN_SIDE in html
    assert NOTHING["not_adverse"] not in html


def test_a_field_that_could_not_be_changed_is_named_with_the_reason() -> None:
    feature = a_contract(segments=None).features[0]
    others = OtherResults((), "not_reachable", stuck={feature.name: "no_room"})
    html = changes_panel(T, T, view_of(others=others))
    assert f"{feature.label_in('en')}: {STUCK['no_room']}" in html


@pytest.mark.parametrize(("share", "warned"), [(0.75, True), (0.8, False), (1.0, False)])
def test_unstable_reasons_are_a_warning(share: float, warned: bool) -> None:
    name = a_contract(segments=None).features[0].name
    view = view_of(
        reasons=(Reason("", name, "raises", 1.0, 1.0),),
        attributions=Attributions("tree", "log_odds", 0.0, 1.0, (Part(name, 1.0, 2.0, 1.0),)),
        steadiness=Steadiness(20, share, 1.0),
    )
    html = reasons_panel(T, T, view)
    assert f"{share:.0%} of 20 other draws" in html
    assert ("These reasons are unstable" in html) == warned


def test_small_parts_are_pooled_and_nothing_is_lost() -> None:
    name = a_contract(segments=None).features[0].name
    view = view_of()
    parts = tuple(Part(name, 1.0, 1.0, (-1.0) ** place * place) for place in range(12))
    steps = steps_of(T, view, parts)
    assert len(steps) == MOST + 1
    assert [abs(each.value) for each in steps[:MOST]] == [11, 10, 9, 8, 7, 6, 5, 4]
    assert steps[-1].name == "4 other fields"
    assert sum(each.value for each in steps) == sum(each.added for each in parts)
    assert len(steps_of(T, view, parts[: MOST + 1])) == MOST + 1  # one more is shown as itself


def test_a_long_value_is_left_to_the_tables() -> None:
    feature = a_contract(segments=None).features[0]
    short, long = (
        steps_of(T, view_of(), (Part(feature.name, value, value, 1.0),))[0].name
        for value in ("own", "w" * 40)
    )
    assert short == f"{feature.label_in('en')}: own"
    assert long == feature.label_in("en")


def test_a_sampled_part_has_its_interval() -> None:
    name = a_contract(segments=None).features[0].name
    (step,) = steps_of(T, view_of(), (Part(name, 1.0, 1.0, 2.0, error=0.5),))
    assert (step.low, step.high) == pytest.approx((2 - 1.96 * 0.5, 2 + 1.96 * 0.5))


def test_where_the_score_stands_is_said_with_its_number() -> None:
    view = view_of(standing=Standing("training", 2000, 0.9515))
    assert standing_text(T, view) == "score above 95% of 2,000 rows of the training data"
    assert standing_text(T, view_of(standing=None)) == "–"


def test_a_log_without_decisions_has_a_score_to_explain() -> None:
    contract = a_contract(segments=None)
    at = datetime(2024, 1, 2, tzinfo=UTC)
    subject = SimpleNamespace(decision="", version="1", predicted_at=at)
    view = view_of(subject=subject, rule=Rule("p1", "score >= 0.5 -> decline"))
    said = headline(T, view)
    assert said.startswith("The log has no decision; version 1 of ")
    assert contract.name.get("en") in said
    assert "Policy p1: score >= 0.5 -> decline." in said
    assert said.endswith("No oversight level is declared for that version.")
