"""Approvals: what somebody proposed, and what somebody else decided.

A decision is one conditional update: of two people who decide at once, one finds it done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from core.errors import Conflict, NotFound
from core.store.rows import insert_if_absent
from core.store.tables import approval

ApprovalState = Literal["pending", "approved", "rejected", "withdrawn", "expired"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One step that takes two people.

    Parameters
    ----------
    id, kind : str
        Key, and the name of what is to be done, such as ``model.resume``.
    model_id : str, optional
        The model it concerns.
    object_kind, object_id : str
        What it concerns.
    command : Mapping
        What the execution needs to know.
    before, after : Mapping
        What a reader compares.
    reason, proposed_by, proposed_at, expires_at
        Why, by which user, when, and until when it can be decided.
    state : str
        ``pending``, ``approved``, ``rejected``, ``withdrawn`` or ``expired``.
    decided_by, decided_at, decision_reason
        Who ended it, when and why; nobody did if it was withdrawn or expired.
    result : Mapping, optional
        What the execution answered.
    """

    id: str
    kind: str
    model_id: str | None
    object_kind: str
    object_id: str
    command: Mapping[str, object]
    before: Mapping[str, object]
    after: Mapping[str, object]
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    result: Mapping[str, object] | None = None


def add(conn: Connection, proposed: Approval) -> None:
    """Keep a proposal.

    Raises
    ------
    Conflict
        If the same step is already proposed for the same object.
    """
    names = [column.name for column in approval.c]
    if not insert_if_absent(conn, approval, {name: getattr(proposed, name) for name in names}):
        raise Conflict(
            "This is proposed already and waits for a decision.",
            remedy="Decide or withdraw the first proposal.",
        )


def get(conn: Connection, approval_id: str) -> Approval:
    """Return an approval.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(approval).where(approval.c.id == approval_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no approval {approval}.",
            remedy="Choose one on the page Approvals, or run 'harbourlight approvals list'.",
            approval=approval_id,
        )
    return Approval(**row._mapping)


def end(
    conn: Connection,
    approval_id: str,
    *,
    state: ApprovalState,
    at: datetime,
    decided_by: str | None = None,
    reason: str | None = None,
) -> None:
    """Take an approval out of ``pending``.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    approval_id : str
        The approval.
    state : ApprovalState
        What becomes of it.
    at : datetime
        When.
    decided_by : str, optional
        Who decided; nobody if it ran out.
    reason : str, optional
        Why.

    Raises
    ------
    Conflict
        If it is not pending any more.
    """
    changed = conn.execute(
        update(approval)
        .where(approval.c.id == approval_id, approval.c.state == "pending")
        .values(state=state, decided_by=decided_by, decided_at=at, decision_reason=reason)
    )
    if changed.rowcount != 1:
        raise Conflict(
            "This approval is not pending any more.", remedy="Read it again: it has been decided."
        )


def set_result(conn: Connection, approval_id: str, result: Mapping[str, object]) -> None:
    """Keep what the execution of an approved step answered."""
    conn.execute(update(approval).where(approval.c.id == approval_id).values(result=dict(result)))


def list_approvals(
    conn: Connection,
    *,
    now: datetime,
    state: ApprovalState | None = None,
    models: frozenset[str] | None = None,
    without: frozenset[str] = frozenset(),
    of_rows: frozenset[str] = frozenset(),
    limit: int = 500,
) -> tuple[Approval, ...]:
    """Return approvals, the newest first; what ran out counts as expired, marked or not.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    now : datetime
        Instant that decides what has run out.
    state : str, optional
        Only these.
    models : frozenset of str, optional
        A reader's scope: approvals of other models are left out, those of none stay, except
        those about objects of the kinds ``of_rows``.
    without : frozenset of str
        Kinds of objects that the reader is told nothing of.
    of_rows : frozenset of str
        Kinds of objects that are of all models where they name none.
    limit : int
        Most to return.
    """
    query = select(approval)
    if models is not None:
        of_none = and_(
            approval.c.model_id.is_(None), approval.c.object_kind.not_in(sorted(of_rows))
        )
        query = query.where(or_(of_none, approval.c.model_id.in_(models)))
    if without:
        query = query.where(approval.c.object_kind.not_in(sorted(without)))
    if state is not None:
        query = query.where(_in_state(state, now))
    rows = conn.execute(
        query.order_by(approval.c.proposed_at.desc(), approval.c.id.desc()).limit(limit)
    )
    return tuple(Approval(**row._mapping) for row in rows)


def due(conn: Connection, now: datetime) -> tuple[Approval, ...]:
    """Return what is marked as pending and has run out."""
    query = select(approval).where(approval.c.state == "pending", approval.c.expires_at <= now)
    rows = conn.execute(query.order_by(approval.c.expires_at, approval.c.id))
    return tuple(Approval(**row._mapping) for row in rows)


def _in_state(state: ApprovalState, now: datetime) -> ColumnElement[bool]:
    columns = approval.c
    if state == "pending":
        return and_(columns.state == "pending", columns.expires_at > now)
    if state == "expired":
        ran_out = and_(columns.state == "pending", columns.expires_at <= now)
        return or_(columns.state == "expired", ran_out)
    return columns.state == state
