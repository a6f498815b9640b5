"""What the database itself refuses, on both; and what the services refuse before it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from core.domain.review import CaseState
from core.errors import Forbidden
from core.services.review import appeals, claims, verdicts
from core.store import Store
from core.store.review import cases as stored
from core.store.tables import review_case
from tests.fakes import START
from tests.reviewing import OVERTURN, UPHOLD, Desk, a_desk

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
    from core.store import assignments

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
