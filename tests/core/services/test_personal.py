from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services import personal, reveals
from core.store import audit
from tests.builders import a_row
from tests.serving import MODEL, Serving, a_serving_workspace, prediction

WHY = "Complaint C-17 of the branch"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def trail(world: Serving) -> tuple[audit.AuditEntry, ...]:
    with world.workspace.store.read() as conn:
        return audit.list_newest(conn, kind="personal.revealed")


def test_a_value_is_revealed_with_a_reason_and_on_record(world: Serving) -> None:
    seen = personal.reveal(
        world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=world["compliance"]
    )
    assert seen == {"sex": a_row(1)["sex"]}
    (entry,) = trail(world)
    assert entry.objects == {"model": MODEL, "prediction": prediction(1), "jurisdiction": "HK"}
    assert entry.body.keys() == {"columns", *audit.COMMITTED}
    assert entry.body["columns"] == ["sex"]
    # The log names no subject: the prediction's id is all that is known of a person.
    assert entry.body["subject"] == world.workspace.keys.subject_id(prediction(1))
    (told,) = reveals.list_reveals(world.workspace, actor=world["auditor"])
    assert (told.prediction_id, told.columns, told.reason) == (prediction(1), ("sex",), WHY)


@pytest.mark.parametrize("name", ["business", "data_scientist", "admin"])
def test_who_lacks_the_permission_sees_nothing(world: Serving, name: str) -> None:
    with pytest.raises(Forbidden, match=r"personal\.reveal"):
        personal.reveal(
            world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=world[name]
        )
    assert trail(world) == ()


def test_a_reason_is_needed_that_repeats_no_value(world: Serving) -> None:
    lead = world["compliance_lead"]
    with pytest.raises(InvalidInput, match="shorter than 10"):
        personal.reveal(world.workspace, MODEL, prediction(1), ["sex"], reason=" why ", actor=lead)
    with pytest.raises(InvalidInput, match="no personal column"):
        personal.reveal(world.workspace, MODEL, prediction(1), ["term"], reason=WHY, actor=lead)
    assert trail(world) == ()


def test_a_browser_is_asked_who_it_is_again(world: Serving) -> None:
    long_ago = world.workspace.clock() - timedelta(hours=2)
    stale = replace(world["compliance"], origin="web", authenticated_at=long_ago)
    with pytest.raises(StepUpNeeded):
        personal.reveal(world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=stale)
    assert trail(world) == ()


def test_rows_of_another_place_do_not_exist(world: Serving) -> None:
    there = prediction(0)  # every third row is of the Mainland
    with pytest.raises(NotFound):
        personal.reveal(
            world.workspace, MODEL, there, ["sex"], reason=WHY, actor=world["hong_kong"]
        )
    personal.reveal(
        world.workspace, MODEL, there, ["sex"], reason=WHY, actor=world["compliance_lead"]
    )
    limited = replace(world["auditor"], jurisdictions=frozenset({"HK"}))
    assert reveals.list_reveals(world.workspace, actor=limited) == ()
    assert len(reveals.list_reveals(world.workspace, actor=world["auditor"])) == 1
    with pytest.raises(NotFound):
        personal.reveal(
            world.workspace, MODEL, prediction(99), ["sex"], reason=WHY, actor=world["compliance"]
        )
