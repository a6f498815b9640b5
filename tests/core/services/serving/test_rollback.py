"""Rolling a model back takes one person and effect at once; going forward again takes two."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.approvals.kinds import KINDS
from core.services.jobs.tasks import look_around
from core.services.model_story import model_story
from core.services.questions import Question
from core.services.serving import files as serving_files
from core.services.serving import releases, rollback
from core.services.serving import state as model_state
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from tests.support.serving import MODEL, Serving, prediction

# Versions of the contract in this order: 1, 2, 3, 4.


def back(world: Serving, to: str = "2", who: str = "compliance_lead") -> model_state.ModelState:
    return rollback.rollback(
        world.workspace, MODEL, to=to, reason="Errors of version 4", actor=world[who]
    )


def forward(world: Serving, to: str = "3", who: str = "compliance_lead") -> str:
    asked = rollback.propose_forward(
        world.workspace, MODEL, to=to, reason="Mended", actor=world[who]
    )
    return asked.id


def file_of(world: Serving) -> dict[str, object]:
    path = world.workspace.settings.home / "serving" / f"{MODEL}.json"
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def newest(world: Serving, kind: str) -> AuditEntry:
    with world.workspace.store.read() as conn:
        return audit.list_newest(conn, kind=kind)[0]


def test_the_newest_version_counts_as_in_use_until_somebody_says_otherwise(world: Serving) -> None:
    found = rollback.version_choices(world.workspace, MODEL, actor=world["business"])
    assert (found.now, found.back, found.forward) == ("4", ("3", "2", "1"), ())
    assert model_state.read_state(world.workspace, MODEL).serving_version is None
    with pytest.raises(Conflict, match="in use already"):
        back(world, "4")


def test_rolling_back_takes_one_person_and_effect_at_once(world: Serving) -> None:
    done = back(world)
    assert (done.state, done.serving_version, done.since) == ("production", "2", None)
    assert done.serving is not None
    assert (done.serving.from_version, done.serving.reason) == ("4", "Errors of version 4")
    assert model_state.list_states(world.workspace, actor=world["business"]) == (done,)
    entry = newest(world, "model.rolled_back")
    assert entry.objects == {"model": MODEL}
    assert entry.body == {"reason": "Errors of version 4", "before": "4", "after": "2"}
    assert entry.actor == world["compliance_lead"].audit_name
    assert file_of(world)["serving_version"] == "2"
    assert back(world, "1").serving_version == "1"
    told = model_story(world.workspace, Question(MODEL), actor=world["business"]).events
    assert {each.name for each in told if each.kind == "serving"} == {"1", "2"}
    history = rollback.version_history(world.workspace, MODEL, actor=world["business"])
    assert [(each.from_version, each.version) for each, _ in history] == [("2", "1"), ("4", "2")]
    assert {who for _, who in history} == {"compliance_lead"}


def test_only_an_earlier_version_takes_effect_at_once(world: Serving) -> None:
    back(world)
    with pytest.raises(Conflict, match=r"later than 2.*model forward"):
        back(world, "3")
    with pytest.raises(Conflict, match="in use already"):
        back(world)
    with pytest.raises(InvalidInput, match="lists no version 9"):
        back(world, "9")
    with pytest.raises(InvalidInput, match="A reason of"):
        rollback.rollback(
            world.workspace, MODEL, to="1", reason=" ", actor=world["compliance_lead"]
        )
    assert model_state.read_state(world.workspace, MODEL).serving_version == "2"


def test_going_forward_takes_two(world: Serving) -> None:
    with pytest.raises(Conflict, match="not later than 4"):
        forward(world)
    back(world)
    asked = forward(world)
    assert model_state.read_state(world.workspace, MODEL).serving_version == "2"
    for name in ("compliance_lead", "compliance", "developer"):
        with pytest.raises(Forbidden):
            approvals.approve(world.workspace, asked, actor=world[name])
    approvals.approve(world.workspace, asked, actor=world["second_lead"])
    found = model_state.read_state(world.workspace, MODEL)
    assert found.serving_version == "3"
    entry = newest(world, "model.rolled_forward")
    assert entry.objects == {"model": MODEL, "approval": asked}
    assert entry.body == {"reason": "Mended", "before": "2", "after": "3"}


def test_a_rollback_that_came_after_is_not_undone(world: Serving) -> None:
    back(world)
    asked = forward(world)
    back(world, "1")
    with pytest.raises(Conflict, match="Another version"):
        approvals.approve(world.workspace, asked, actor=world["second_lead"])
    assert model_state.read_state(world.workspace, MODEL).serving_version == "1"


def test_a_suspended_model_stays_so_and_is_resumed_in_the_version_that_was_seen(
    world: Serving,
) -> None:
    lead, second = world["compliance_lead"], world["second_lead"]
    model_state.suspend(world.workspace, MODEL, reason="Errors", fallback_version="1", actor=lead)
    early = model_state.propose_resume(world.workspace, MODEL, reason="Mended", actor=lead)
    done = back(world, "3")
    assert (done.state, done.fallback_version, done.serving_version) == ("suspended", "1", "3")
    with pytest.raises(Conflict, match="Another version"):
        approvals.approve(world.workspace, early.id, actor=second)
    approvals.reject(world.workspace, early.id, actor=second, reason="Anew")
    late = model_state.propose_resume(world.workspace, MODEL, reason="Mended", actor=lead)
    assert late.after["serving_version"] == "3"
    approvals.approve(world.workspace, late.id, actor=second)
    found = model_state.read_state(world.workspace, MODEL)
    assert (found.state, found.serving_version) == ("production", "3")


def test_predictions_of_another_version_are_held_after_a_rollback(world: Serving) -> None:
    released = prediction(2)  # row n is of version 1 + n mod 4: this one of 3, out of the loop
    assert releases.read_release(world.workspace, MODEL, released).state == "released"
    back(world)
    found = releases.read_release(world.workspace, MODEL, released)
    assert (found.state, found.reason, found.version) == ("held", "not_serving", "3")
    lead = world["compliance_lead"]
    releases.release(world.workspace, MODEL, released, reason="Made before", actor=lead)
    assert releases.read_release(world.workspace, MODEL, released).reason == "decided"
    approvals.approve(world.workspace, forward(world), actor=world["second_lead"])
    other = releases.read_release(world.workspace, MODEL, prediction(6))
    assert (other.state, other.reason) == ("released", "oversight_level")


def test_who_may(world: Serving) -> None:
    for name in ("business", "compliance", "auditor"):
        with pytest.raises(Forbidden):
            back(world, who=name)
        with pytest.raises(Forbidden):
            forward(world, who=name)
    with pytest.raises(NotFound):
        back(world, who="elsewhere")
    with pytest.raises(NotFound):
        rollback.version_history(world.workspace, MODEL, actor=world["elsewhere"])
    assert back(world, who="data_scientist").serving_version == "2"
    assert KINDS["model.forward"] is rollback.FORWARD


def test_the_file_says_what_the_answer_over_http_says(world: Serving) -> None:
    world.workspace.settings.home.joinpath("serving").mkdir()
    look_around(world.workspace)  # the worker's look: the file was never written
    assert file_of(world) == {
        "model": MODEL,
        "state": "production",
        "fallback_version": None,
        "serving_version": None,
        "since": None,
        "serving_since": None,
        "as_of": world.clock().isoformat().replace("+00:00", "Z"),
    }
    world.clock.advance(seconds=59)
    assert serving_files.publish_due_states(world.workspace) == 0
    world.clock.advance(seconds=1)
    assert serving_files.publish_due_states(world.workspace) == 1
    lead = world["compliance_lead"]
    model_state.suspend(world.workspace, MODEL, reason="Errors", actor=lead)
    assert file_of(world)["state"] == "suspended"
    asked = model_state.propose_resume(world.workspace, MODEL, reason="Mended", actor=lead)
    approvals.approve(world.workspace, asked.id, actor=world["second_lead"])
    assert file_of(world)["state"] == "suspended"  # until the worker's next look
    assert serving_files.publish_due_states(world.workspace) == 1
    assert file_of(world)["state"] == "production"
    assert [path.name for path in world.workspace.settings.serving_dir.iterdir()] == [
        f"{MODEL}.json"
    ]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"as_of": "soon"}', "\x00"])
def test_a_broken_file_is_written_anew(world: Serving, content: str) -> None:
    path = serving_files.publish_state(world.workspace, MODEL)
    assert path is not None
    path.write_text(content, encoding="utf-8")
    assert serving_files.publish_due_states(world.workspace) == 1
    assert file_of(world)["state"] == "production"


def test_a_folder_that_cannot_be_written_stops_no_suspension(
    world: Serving, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder", encoding="utf-8")
    settings = replace(world.workspace.settings, serving_files=blocked)
    workspace = replace(world.workspace, settings=settings)
    lead = world["compliance_lead"]
    assert model_state.suspend(workspace, MODEL, reason="Errors", actor=lead).suspended
    assert serving_files.publish_due_states(workspace) == 0


def test_a_clock_that_went_back_does_not_keep_an_old_file(world: Serving) -> None:
    serving_files.publish_state(world.workspace, MODEL)
    world.clock.advance(seconds=-timedelta(hours=1).total_seconds())
    assert serving_files.publish_due_states(world.workspace) == 1
