"""What the two databases themselves refuse, whoever writes."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.store import Store, approvals
from core.store.identity import users
from core.store.tables import approval
from tests.support.fakes import START


def proposed(approval_id: str = "a1", **changes: object) -> approvals.Approval:
    values: dict[str, object] = {
        "id": approval_id,
        "kind": "thing.done",
        "model_id": None,
        "object_kind": "thing",
        "object_id": approval_id,
        "command": {},
        "before": {"state": "old"},
        "after": {"state": "new"},
        "reason": "why",
        "proposed_by": "u1",
        "proposed_at": START,
        "expires_at": START + timedelta(days=7),
        "state": "pending",
        **changes,
    }
    return approvals.Approval(**values)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.begin() as conn:
        for user_id in ("u1", "u2"):
            users.create(conn, user_id=user_id, username=user_id, display_name=user_id, at=START)


def test_the_database_refuses_a_decision_by_who_proposed(store: Store) -> None:
    decided = proposed(state="approved", decided_by="u1", decided_at=START)
    values = {column.name: getattr(decided, column.name) for column in approval.c}
    with pytest.raises(IntegrityError, match="four_eyes"), store.begin() as conn:
        conn.execute(insert(approval).values(values))
    with store.begin() as conn:
        approvals.add(conn, proposed())
    with pytest.raises(IntegrityError, match="four_eyes"), store.begin() as conn:
        conn.execute(update(approval).values(state="approved", decided_by="u1", decided_at=START))
    with pytest.raises(IntegrityError, match="decided_by"), store.begin() as conn:
        conn.execute(update(approval).values(state="approved", decided_at=START))


def test_a_decision_is_made_once(store: Store) -> None:
    with store.begin() as conn:
        approvals.add(conn, proposed())
        approvals.end(conn, "a1", state="approved", at=START, decided_by="u2", reason="good")
        approvals.set_result(conn, "a1", {"rows": 3})
    with pytest.raises(Conflict), store.begin() as conn:
        approvals.end(conn, "a1", state="rejected", at=START, decided_by="u2", reason="bad")
    with store.read() as conn:
        found = approvals.get(conn, "a1")
    assert found == proposed(
        state="approved",
        decided_by="u2",
        decided_at=START,
        decision_reason="good",
        result={"rows": 3},
    )


def test_the_same_step_waits_once(store: Store) -> None:
    with store.begin() as conn:
        approvals.add(conn, proposed(object_id="x"))
    with pytest.raises(Conflict), store.begin() as conn:
        approvals.add(conn, proposed("a2", object_id="x"))
    with store.begin() as conn:
        approvals.end(conn, "a1", state="withdrawn", at=START)
        approvals.add(conn, proposed("a2", object_id="x"))


def test_what_ran_out_counts_as_expired_before_it_is_marked(store: Store) -> None:
    late = START + timedelta(days=7)
    with store.begin() as conn:
        approvals.add(conn, proposed())
        approvals.add(conn, proposed("a2", expires_at=late + timedelta(seconds=1)))
    with store.read() as conn:
        assert [a.id for a in approvals.due(conn, late)] == ["a1"]
        for state, ids in (("pending", ["a2"]), ("expired", ["a1"]), ("approved", [])):
            found = approvals.list_approvals(conn, now=late, state=state)  # type: ignore[arg-type]
            assert [each.id for each in found] == ids
        with pytest.raises(NotFound):
            approvals.get(conn, "a3")
