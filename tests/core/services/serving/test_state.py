import pytest

from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.approvals.kinds import KINDS
from core.services.serving import state as model_state
from core.store.audit import trail as audit
from tests.support.serving import MODEL, Serving


def suspend(world: Serving, **changes: str) -> model_state.ModelState:
    values = {"reason": "Too many errors", "fallback_version": "1", **changes}
    return model_state.suspend(world.workspace, MODEL, actor=world["compliance_lead"], **values)


def kinds(world: Serving) -> list[str]:
    with world.workspace.store.read() as conn:
        return [entry.kind for entry in audit.list_newest(conn, limit=4)]


def test_a_model_is_in_production_until_somebody_suspends_it(world: Serving) -> None:
    found = model_state.model_state(world.workspace, MODEL, actor=world["business"])
    assert (found.state, found.suspended, found.since) == ("production", False, None)


def test_suspending_takes_one_person_and_effect_at_once(world: Serving) -> None:
    done = suspend(world)
    assert (done.state, done.fallback_version, done.reason) == (
        "suspended",
        "1",
        "Too many errors",
    )
    assert model_state.list_states(world.workspace, actor=world["business"]) == (done,)
    assert kinds(world)[0] == "model.suspended"
    with pytest.raises(Conflict):
        suspend(world)
    assert suspend(world, fallback_version="2").fallback_version == "2"


def test_resuming_takes_two(world: Serving) -> None:
    suspend(world)
    asked = model_state.propose_resume(
        world.workspace, MODEL, reason="Mended", actor=world["compliance_lead"]
    )
    assert model_state.read_state(world.workspace, MODEL).suspended
    with pytest.raises(Forbidden):
        approvals.approve(world.workspace, asked.id, actor=world["compliance_lead"])
    with pytest.raises(Forbidden):
        approvals.approve(world.workspace, asked.id, actor=world["compliance"])
    with pytest.raises(Forbidden):
        approvals.approve(world.workspace, asked.id, actor=world["developer"])
    approvals.approve(world.workspace, asked.id, actor=world["second_lead"])
    found = model_state.read_state(world.workspace, MODEL)
    assert (found.state, found.fallback_version, found.reason) == ("production", None, "Mended")
    assert kinds(world)[:2] == ["approval.approved", "model.resumed"]


def test_a_suspension_that_came_after_is_not_lifted(world: Serving) -> None:
    suspend(world)
    asked = model_state.propose_resume(
        world.workspace, MODEL, reason="Mended", actor=world["compliance_lead"]
    )
    world.clock.advance(hours=1)
    suspend(world, reason="Something else")
    with pytest.raises(Conflict, match="suspended anew"):
        approvals.approve(world.workspace, asked.id, actor=world["second_lead"])
    assert model_state.read_state(world.workspace, MODEL).reason == "Something else"


def test_only_a_suspended_model_is_resumed(world: Serving) -> None:
    with pytest.raises(Conflict, match="not suspended"):
        model_state.propose_resume(
            world.workspace, MODEL, reason="Mended", actor=world["compliance_lead"]
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": "  "}, "A reason of"),
        ({"reason": "x" * 1001}, "A reason of"),
        ({"fallback_version": "9"}, "lists no version 9"),
    ],
)
def test_what_is_refused(world: Serving, changes: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        suspend(world, **changes)


def test_who_may(world: Serving) -> None:
    for name in ("business", "compliance", "auditor"):
        with pytest.raises(Forbidden):
            model_state.suspend(world.workspace, MODEL, reason="x", actor=world[name])
        with pytest.raises(Forbidden):
            model_state.propose_resume(world.workspace, MODEL, reason="x", actor=world[name])
    outside = world["elsewhere"]
    with pytest.raises(NotFound):
        model_state.suspend(world.workspace, MODEL, reason="x", actor=outside)
    with pytest.raises(NotFound):
        model_state.model_state(world.workspace, MODEL, actor=outside)
    assert model_state.list_states(world.workspace, actor=outside) == ()
    choices = model_state.fallback_choices(world.workspace, MODEL, actor=world["business"])
    assert choices == ("4", "3", "2", "1")


def test_the_kind_is_known_to_the_approvals() -> None:
    assert KINDS["model.resume"] is model_state.RESUME
