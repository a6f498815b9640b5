"""What the database itself refuses, on both; and what the services refuse before it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from core.domain.review import CaseState
from core.errors import Conflict, Forbidden
from core.services.review import appeals, claims, team, verdicts
from core.store import Store
from core.store.review import cases as stored
from core.store.tables import review_case
from tests.support.fakes import START
from tests.support.reviewing import OVERTURN, UPHOLD, Desk, a_desk

CLAIMED: dict[str, Any] = {"state": "claimed", "holder_id": "u-ada", "lease_until": START}
PROPOSED: dict[str, Any] = {
    "state": "proposed",
    "maker_id": "u-lei",
    "verdict": "overturn",
    "proposed_decision": "approve",
    "proposed_at": START,
}
CHECKING = {**PROPOSED, "state": "checking", "holder_id": "u-lok", "lease_until": START}
FINAL = {
    **PROPOSED,
    "state": "final",
    "checker_id": "u-lok",
    "final_decision": "approve",
    "final_at": START,
}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return a_desk(store, tmp_path)


def put(desk: Desk, case_id: int, **values: Any) -> None:
    """Change a case behind the services' backs."""
    with desk.workspace.store.begin() as conn:
        conn.execute(update(review_case).where(review_case.c.id == case_id).values(**values))


WRONG = (
    {**CLAIMED, "holder_id": None},
    {**CLAIMED, "lease_until": None},
    {**CLAIMED, "state": "open"},
    {**CHECKING, "holder_id": "u-lei"},
    {**PROPOSED, "maker_id": None},
    {**PROPOSED, "verdict": None},
    {**PROPOSED, "verdict": "maybe"},
    {**PROPOSED, "final_decision": "approve"},
    {**FINAL, "checker_id": "u-lei"},
    {**FINAL, "final_decision": None},
    {**FINAL, "final_at": None},
    {**FINAL, "maker_id": None},
    {"state": "lost"},
    {"revision": -1},
    {"priority": 101},
)
AGAIN = (
    {**CLAIMED, "holder_id": "u-lei"},
    {**CHECKING, "maker_id": "u-lam", "holder_id": "u-lei"},
    PROPOSED,
    FINAL,
)


def test_the_database_refuses_what_no_state_has(desk: Desk) -> None:
    for number, values in enumerate((CLAIMED, PROPOSED, CHECKING, FINAL)):
        (case_id,) = desk.make(occasion=f"right {number}")
        put(desk, case_id, **values)
    (case_id,) = desk.make()
    for values in WRONG:
        with pytest.raises(IntegrityError):
            put(desk, case_id, **values)


def test_the_database_refuses_who_decided_before(desk: Desk) -> None:
    for barred in ("barred_maker_id", "barred_checker_id"):
        who: dict[str, Any] = {barred: "u-lei"}
        (case_id,) = desk.make(kind="appeal", occasion=barred, **who)
        for values in AGAIN:
            with pytest.raises(IntegrityError):
                put(desk, case_id, **values)
        put(desk, case_id, **{**CLAIMED, "holder_id": "u-lam"})


def test_of_two_changes_of_one_revision_the_second_changes_nothing(desk: Desk) -> None:
    (case_id,) = desk.make()
    looked_at: dict[str, Any] = {"state": CaseState.open, "revision": 0, "values": {}}
    with desk.workspace.store.begin() as conn:
        first = stored.change(conn, case_id, to=CaseState.escalated, **looked_at)
        assert first is not None
        assert (first.state, first.revision) == ("escalated", 1)
        assert stored.change(conn, case_id, to=CaseState.withdrawn, **looked_at) is None
        again = {**looked_at, "state": CaseState.escalated}
        assert stored.change(conn, case_id, to=CaseState.withdrawn, **again) is None
        assert stored.get(conn, case_id) == first


def proposed(desk: Desk, maker: str, checker: str) -> tuple[int, int]:
    """Let one overturn a case and another take it to check; return its id and revision."""
    (case_id,) = desk.make()
    held = claims.claim(desk.workspace, case_id, actor=desk[maker])
    verdicts.propose(desk.workspace, case_id, OVERTURN, actor=desk[maker], revision=held.revision)
    check = claims.take_check(desk.workspace, case_id, actor=desk[checker])
    return case_id, check.revision


@pytest.mark.parametrize("act", [verdicts.escalate, verdicts.send_back])
def test_a_checker_does_not_decide_alone_against_the_maker(desk: Desk, act: Any) -> None:
    workspace = desk.workspace
    case_id, revision = proposed(desk, "ada", "lok")
    act(workspace, case_id, text="I differ", actor=desk["lok"], revision=revision)
    held = claims.claim(workspace, case_id, actor=desk["lok"])
    made = verdicts.propose(workspace, case_id, UPHOLD, actor=desk["lok"], revision=held.revision)
    assert (made.state, made.check_reason) == ("proposed", "disagreement")
    for name in ("ada", "lok"):
        with pytest.raises(Forbidden):
            claims.take_check(workspace, case_id, actor=desk[name])
    assert claims.next_check(workspace, actor=desk["lok"]) is None
    third = claims.next_check(workspace, actor=desk["lam"])
    assert third is not None
    done = verdicts.agree(workspace, case_id, actor=desk["lam"], revision=third.revision)
    assert (done.state, done.maker_id, done.checker_id) == ("final", "u-lok", "u-lam")


def test_who_differs_from_an_earlier_proposal_is_checked_by_a_third_person(desk: Desk) -> None:
    """Neither by the maker who is also a checker, nor by who sent the proposal back."""
    workspace = desk.workspace
    case_id, revision = proposed(desk, "lei", "lok")
    verdicts.send_back(workspace, case_id, text="Read", actor=desk["lok"], revision=revision)
    held = claims.claim(workspace, case_id, actor=desk["lam"])
    made = verdicts.propose(workspace, case_id, UPHOLD, actor=desk["lam"], revision=held.revision)
    assert made.check_reason == "disagreement"
    for name in ("lei", "lok"):
        assert claims.next_check(workspace, actor=desk[name]) is None
        with pytest.raises(Forbidden):
            claims.take_check(workspace, case_id, actor=desk[name])


def test_a_disagreement_that_nobody_is_left_to_settle_has_a_way_out(desk: Desk) -> None:
    """Two leads and a reviewer differ: the maker takes the proposal back, and comes round."""
    workspace = desk.workspace
    case_id, revision = proposed(desk, "ada", "lei")
    verdicts.escalate(workspace, case_id, text="Unsure", actor=desk["lei"], revision=revision)
    held = claims.claim(workspace, case_id, actor=desk["lok"])
    made = verdicts.propose(workspace, case_id, UPHOLD, actor=desk["lok"], revision=held.revision)
    assert (made.state, made.check_reason) == ("proposed", "disagreement")
    for name in ("ada", "lei"):
        with pytest.raises(Forbidden):
            verdicts.take_back(
                workspace, case_id, text="Mine", actor=desk[name], revision=made.revision
            )
    with pytest.raises(Conflict):
        verdicts.take_back(
            workspace, case_id, text="Late", actor=desk["lok"], revision=made.revision - 1
        )
    back = verdicts.take_back(
        workspace, case_id, text="Read again", actor=desk["lok"], revision=made.revision
    )
    assert (back.state, back.assigned_to, back.maker_id, back.verdict) == (
        "escalated",
        "u-lok",
        None,
        None,
    )
    held = claims.claim(workspace, case_id, actor=desk["lok"])
    # Upheld once more, it is still against what Ada proposed: taking back forgets nobody.
    again = verdicts.propose(workspace, case_id, UPHOLD, actor=desk["lok"], revision=held.revision)
    assert again.check_reason == "disagreement"
    verdicts.take_back(workspace, case_id, text="Yes", actor=desk["lok"], revision=again.revision)
    held = claims.claim(workspace, case_id, actor=desk["lok"])
    with_ada = verdicts.propose(
        workspace, case_id, OVERTURN, actor=desk["lok"], revision=held.revision
    )
    assert with_ada.check_reason == "override"
    check = claims.take_check(workspace, case_id, actor=desk["lei"])
    with pytest.raises(Conflict):
        verdicts.take_back(
            workspace, case_id, text="No", actor=desk["lok"], revision=check.revision
        )
    done = verdicts.agree(workspace, case_id, actor=desk["lei"], revision=check.revision)
    assert (done.state, done.final_decision) == ("final", "approve")


def test_one_decides_no_escalation_of_one_s_own_alone(desk: Desk) -> None:
    workspace = desk.workspace
    mine, other = desk.make(2)
    for case_id, by in ((mine, "lok"), (other, "ada")):
        held = claims.claim(workspace, case_id, actor=desk[by])
        verdicts.escalate(workspace, case_id, text="Hard", actor=desk[by], revision=held.revision)
        held = claims.claim(workspace, case_id, actor=desk["lok"])
        verdicts.propose(workspace, case_id, UPHOLD, actor=desk["lok"], revision=held.revision)
    with workspace.store.read() as conn:
        found = [stored.get(conn, case_id) for case_id in (mine, other)]
    assert [(each.state, each.check_reason) for each in found] == [
        ("proposed", "disagreement"),
        ("final", None),
    ]


def test_a_maker_may_come_round_to_the_checker(desk: Desk) -> None:
    workspace = desk.workspace
    case_id, revision = proposed(desk, "ada", "lok")
    verdicts.send_back(workspace, case_id, text="Read", actor=desk["lok"], revision=revision)
    held = claims.claim(workspace, case_id, actor=desk["ada"])
    made = verdicts.propose(workspace, case_id, OVERTURN, actor=desk["ada"], revision=held.revision)
    assert made.check_reason == "override"
    check = claims.take_check(workspace, case_id, actor=desk["lok"])
    verdicts.send_back(workspace, case_id, text="Again", actor=desk["lok"], revision=check.revision)
    held = claims.claim(workspace, case_id, actor=desk["ada"])
    made = verdicts.propose(workspace, case_id, UPHOLD, actor=desk["ada"], revision=held.revision)
    assert (made.state, made.maker_id) == ("final", "u-ada")


def test_whose_training_ran_out_neither_checks_nor_hands_in(desk: Desk) -> None:
    workspace, lead = desk.workspace, desk["lei"]
    past = START.date() - timedelta(days=1)
    case_id, revision = proposed(desk, "ada", "lok")
    team.set_profile(workspace, "u-lok", actor=lead, competent_until=past)
    with pytest.raises(Forbidden, match="training"):
        verdicts.agree(workspace, case_id, actor=desk["lok"], revision=revision)
    claims.give_back(workspace, case_id, actor=desk["lok"])
    with pytest.raises(Forbidden, match="training"):
        claims.take_check(workspace, case_id, actor=desk["lok"])
    with pytest.raises(Forbidden, match="training"):
        claims.next_check(workspace, actor=desk["lok"])
    (other,) = desk.make(occasion="another")
    held = claims.claim(workspace, other, actor=desk["bo"])
    team.set_profile(workspace, "u-bo", actor=lead, competent_until=past)
    with pytest.raises(Forbidden, match="training"):
        verdicts.propose(workspace, other, UPHOLD, actor=desk["bo"], revision=held.revision)


def test_an_appeal_goes_to_a_third_person(desk: Desk) -> None:
    workspace = desk.workspace
    desk.make()
    mine = claims.claim_next(workspace, actor=desk["lei"])
    assert mine is not None
    verdicts.propose(workspace, mine.id, OVERTURN, actor=desk["lei"], revision=mine.revision)
    check = claims.next_check(workspace, actor=desk["lok"])
    assert check is not None
    verdicts.agree(workspace, mine.id, actor=desk["lok"], revision=check.revision)

    new = appeals.appeal(workspace, mine.id, actor=desk["ada"])
    assert (new.kind, new.parent_id, new.priority) == ("appeal", mine.id, 80)
    for name in ("lei", "lok", "ada", "developer"):
        assert claims.claim_next(workspace, actor=desk[name]) is None
        with pytest.raises(Forbidden):
            claims.claim(workspace, new.id, actor=desk[name])
    third = claims.claim_next(workspace, actor=desk["lam"])
    assert third is not None
    verdicts.propose(workspace, new.id, OVERTURN, actor=desk["lam"], revision=third.revision)
    for name in ("lei", "lok", "lam"):
        assert claims.next_check(workspace, actor=desk[name]) is None
        with pytest.raises(Forbidden):
            claims.take_check(workspace, new.id, actor=desk[name])
    # The appeal is about the case, and leaves its verdict as it is.
    with workspace.store.read() as conn:
        parent = stored.get(conn, mine.id)
    assert (parent.state, parent.final_decision, parent.revision) == ("final", "approve", 4)


def test_who_develops_a_model_takes_no_case_of_it_away(desk: Desk) -> None:
    (case_id,) = desk.make()
    with pytest.raises(Forbidden):
        verdicts.withdraw(
            desk.workspace, case_id, text="Not needed", revision=0, actor=desk["developer"]
        )
    gone = verdicts.withdraw(
        desk.workspace, case_id, text="Made twice", revision=0, actor=desk["lei"]
    )
    assert gone.state == "withdrawn"


def test_who_begins_to_develop_the_model_no_longer_decides(desk: Desk) -> None:
    from core.store.identity import assignments

    workspace = desk.workspace
    desk.make()
    mine = claims.claim_next(workspace, actor=desk["ada"])
    assert mine is not None
    with workspace.store.begin() as conn:
        assignments.assign(
            conn, user_id="u-ada", model_id="loans", kind="developer", actor="x", at=START
        )
    with pytest.raises(Forbidden):
        verdicts.propose(workspace, mine.id, UPHOLD, actor=desk["ada"], revision=mine.revision)
    claims.give_back(workspace, mine.id, actor=desk["ada"])
    assert claims.claim_next(workspace, actor=desk["ada"]) is None
