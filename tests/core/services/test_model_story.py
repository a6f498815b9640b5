"""One model's story: what happened, in order, as far as the reader may see it."""

from datetime import timedelta

import pytest

from core.domain.identity import Role
from core.domain.status import Status
from core.errors import NothingYet
from core.services.drift.measure import drift, first_of_run
from core.services.model_story import Story, model_story
from core.services.performance import estimates_beside, performance
from core.services.questions import Question
from tests.support.harbour import Harbour

MONTHS = Question("loans", by="month")


def told(harbour: Harbour, role: Role = Role.data_scientist, question: Question = MONTHS) -> Story:
    return model_story(harbour.workspace, question, actor=harbour[role])


def test_events_stand_in_the_order_of_time(harbour: Harbour) -> None:
    story = told(harbour)
    times = [event.at for event in story.events]
    assert times == sorted(times)
    assert story.events[0].kind == "first"
    versions = [event for event in story.events if event.kind == "version"]
    assert [event.name for event in versions] == ["2"]
    assert versions[0].at.astimezone(story.view.contract.zone).date().isoformat() == "2024-07-01"


def test_inputs_that_moved_are_those_of_the_drift_page(harbour: Harbour) -> None:
    story = told(harbour)
    table = drift(harbour.workspace, MONTHS, actor=harbour[Role.data_scientist])
    moved = {event.name: event.at for event in story.events if event.kind == "input"}
    assert "income" in moved
    for name, at in moved.items():
        assert first_of_run(table.column(name), table.chunks) == at
    assert story.drift_status is Status.act


def test_business_sees_no_drift(harbour: Harbour) -> None:
    story = told(harbour, Role.business)
    assert story.drift is None
    assert not [event for event in story.events if event.kind == "input"]
    assert story.performance is not None
    assert story.drift_status is Status.not_enough_data


def test_a_departure_says_when_it_could_first_be_known(harbour: Harbour) -> None:
    story = told(harbour)
    found = performance(harbour.workspace, MONTHS, actor=harbour[Role.data_scientist])
    estimates = estimates_beside(harbour.workspace, found)
    kept = estimates.figures.get("outcome_rate")
    alarms = [] if kept is None else list(kept.concept.alarm)
    assert list(story.departed) == [place for place, alarm in enumerate(alarms) if alarm]
    for event in story.events:
        if event.kind == "concept":
            assert event.known_at is not None
            assert event.known_at - event.at > timedelta(days=80)  # three months and the period


def test_a_model_without_outcomes_has_a_story_too(harbour: Harbour) -> None:
    story = told(harbour, question=Question("tenants", by="month"))
    assert (story.performance, story.estimates, story.departed) == (None, None, ())
    assert story.events[0].kind == "first"
    assert story.state.state == "production"


def test_a_model_whose_reference_is_not_complete(harbour: Harbour) -> None:
    story = told(harbour, question=Question("young", by="month"))
    assert story.drift is None


def test_without_predictions_there_is_no_story(harbour: Harbour) -> None:
    with pytest.raises(NothingYet):
        told(harbour, question=Question("unused"))
