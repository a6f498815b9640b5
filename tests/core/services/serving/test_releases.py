from dataclasses import replace

import pytest

from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services.rights import intake, opt_outs
from core.services.serving import releases, rollback
from core.services.serving import state as model_state
from core.store.audit import trail as audit
from tests.support.serving import MODEL, Serving, prediction


def told(world: Serving, prediction_id: str) -> tuple[str, str, str | None]:
    found = releases.read_release(world.workspace, MODEL, prediction_id)
    return found.state, found.reason, found.oversight_level


def test_the_oversight_level_of_the_version_decides(world: Serving) -> None:
    assert told(world, prediction(0)) == ("held", "oversight_level", "in_the_loop")
    assert told(world, prediction(1)) == ("held", "oversight_level", "in_command")
    assert told(world, prediction(2)) == ("released", "oversight_level", "out_of_the_loop")


def test_what_is_not_known_is_held(world: Serving) -> None:
    assert told(world, prediction(3)) == ("held", "undeclared", None)
    assert told(world, "L999999") == ("held", "unknown", None)
    assert told(world, "' OR 1=1 --") == ("held", "unknown", None)
    with pytest.raises(NotFound):
        releases.read_release(world.workspace, "nowhere", prediction(0))


def test_a_suspended_model_holds_all_that_nobody_decided(world: Serving) -> None:
    lead = world["compliance_lead"]
    releases.release(world.workspace, MODEL, prediction(1), reason="Read", actor=lead)
    model_state.suspend(world.workspace, MODEL, reason="Errors", actor=lead)
    assert told(world, prediction(2)) == ("held", "suspended", "out_of_the_loop")
    assert told(world, "L999999") == ("held", "suspended", None)
    assert told(world, prediction(1))[:2] == ("released", "decided")


@pytest.mark.parametrize(
    ("takes_over", "number", "answer"),
    [
        ("3", 2, ("released", "oversight_level")),
        ("3", 0, ("held", "suspended")),
        ("1", 0, ("held", "oversight_level")),  # in the loop: a verdict alone releases it
        ("1", 2, ("held", "suspended")),
        ("4", 3, ("held", "undeclared")),
    ],
)
def test_the_version_that_takes_over_goes_by_its_own_level(
    world: Serving, takes_over: str, number: int, answer: tuple[str, str]
) -> None:
    lead = world["compliance_lead"]
    # Which version was to serve in production does not matter while another takes over.
    rollback.rollback(world.workspace, MODEL, to="2", reason="Errors", actor=lead)
    model_state.suspend(
        world.workspace, MODEL, reason="Errors", fallback_version=takes_over, actor=lead
    )
    assert told(world, prediction(number))[:2] == answer
    assert told(world, "L999999")[:2] == ("held", "suspended")
    found = releases.read_release(world.workspace, MODEL, prediction(number))
    assert found.fallback_version == takes_over


def test_a_person_decides_and_the_trail_says_so(world: Serving) -> None:
    lead = world["compliance_lead"]
    done = releases.release(world.workspace, MODEL, prediction(1), reason="Ms Ho", actor=lead)
    assert (done.state, done.reason, done.decided_at) == ("released", "decided", world.clock.now)
    with world.workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
    assert entry.kind == "prediction.released"
    assert entry.objects == {"model": MODEL, "prediction": prediction(1), "jurisdiction": "HK"}
    assert "Ms Ho" not in entry.canonical.decode()
    stopped = releases.stop(world.workspace, MODEL, prediction(1), reason="No", actor=lead)
    assert (stopped.state, stopped.reason) == ("stopped", "decided")
    assert told(world, prediction(1))[:2] == ("stopped", "decided")


def test_who_may(world: Serving) -> None:
    for name in ("business", "compliance", "auditor", "data_scientist", "admin", "developer"):
        for decide in (releases.release, releases.stop):
            with pytest.raises(Forbidden):
                decide(world.workspace, MODEL, prediction(1), reason="x", actor=world[name])
    in_a_browser = replace(world["compliance_lead"], origin="web", authenticated_at=None)
    with pytest.raises(StepUpNeeded):
        releases.release(world.workspace, MODEL, prediction(1), reason="x", actor=in_a_browser)
    # What keeps a decision from taking effect must not wait for a password.
    releases.stop(world.workspace, MODEL, prediction(1), reason="x", actor=in_a_browser)


def test_rows_of_another_jurisdiction_or_model_do_not_exist(world: Serving) -> None:
    reader = world["hong_kong"]
    assert prediction(3)  # row 3 is of CN
    for decide in (releases.release, releases.stop):
        with pytest.raises(NotFound):
            decide(world.workspace, MODEL, prediction(3), reason="x", actor=reader)
        with pytest.raises(NotFound):
            decide(world.workspace, MODEL, prediction(1), reason="x", actor=world["elsewhere"])
        with pytest.raises(NotFound):
            decide(world.workspace, MODEL, "L999999", reason="x", actor=reader)
    with pytest.raises(NotFound):
        releases.release_state(world.workspace, MODEL, prediction(3), actor=reader)
    assert (
        releases.release(world.workspace, MODEL, prediction(1), reason="Read", actor=reader).state
        == "released"
    )


def test_a_reason_is_needed(world: Serving) -> None:
    with pytest.raises(InvalidInput):
        releases.release(
            world.workspace, MODEL, prediction(1), reason=" ", actor=world["compliance_lead"]
        )


def test_of_who_opted_out_only_a_verdict_releases_anything(world: Serving) -> None:
    lead, connie = world["compliance_lead"], world["compliance"]
    releases.release(world.workspace, MODEL, prediction(1), reason="Read", actor=lead)
    for number in (1, 2):  # the log names nobody: a prediction is all that is known of a person
        made = intake.intake(
            world.workspace,
            "opt_out",
            prediction(number),
            words="No model",
            model=MODEL if number == 2 else None,
            actor=connie,
        )
        intake.identify(world.workspace, made.id, "document", actor=connie)
        opt_outs.enter(world.workspace, made.id, actor=connie)
    assert told(world, prediction(2)) == ("held", "opted_out", "out_of_the_loop")
    assert told(world, prediction(6)) == ("released", "oversight_level", "out_of_the_loop")
    # What a person had let through by hand is no verdict either, and nobody can do so now.
    assert told(world, prediction(1))[0] == "held"
    with pytest.raises(Conflict, match="opted out"):
        releases.release(world.workspace, MODEL, prediction(2), reason="x", actor=lead)
    for _ in range(2):
        releases.answer_release(world.workspace, MODEL, prediction(2), token_id="t1")
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="release.answered")
    assert entry.body == {"state": "held", "reason": "opted_out", "decision": None}
    releases.stop(world.workspace, MODEL, prediction(2), reason="x", actor=lead)
    assert told(world, prediction(2))[:2] == ("stopped", "decided")
    opt_outs.end(world.workspace, made.id, actor=connie)
    releases.release(world.workspace, MODEL, prediction(2), reason="x", actor=lead)
    assert told(world, prediction(2))[:2] == ("released", "decided")
