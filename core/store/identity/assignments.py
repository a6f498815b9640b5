"""Assignments: who owns, develops, validates or reviews which model (the lines of defence)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select

from core.store.rows import insert_if_absent
from core.store.tables import app_user, assignment

AssignmentKind = Literal["owner", "developer", "validator", "reviewer"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person's place in the lines of defence of one model."""

    user_id: str
    model_id: str
    kind: str
    assigned_at: datetime
    assigned_by: str


def assign(
    conn: Connection,
    *,
    user_id: str,
    model_id: str,
    kind: AssignmentKind,
    actor: str,
    at: datetime,
) -> bool:
    """Assign a user to a model; return whether that is new.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    user_id : str
        The user.
    model_id : str
        The model.
    kind : AssignmentKind
        The place in the lines of defence.
    actor : str
        Pseudonym of who assigns.
    at : datetime
        When.
    """
    return insert_if_absent(
        conn,
        assignment,
        {
            "user_id": user_id,
            "model_id": model_id,
            "kind": kind,
            "assigned_at": at,
            "assigned_by": actor,
        },
    )


def lock_person(conn: Connection, user_id: str) -> None:
    """Let two who change the same person's places do it one after the other."""
    conn.execute(select(app_user.c.id).where(app_user.c.id == user_id).with_for_update())


def unassign(conn: Connection, *, user_id: str, model_id: str, kind: AssignmentKind) -> bool:
    """Take an assignment back; return whether there was one."""
    gone = conn.execute(
        delete(assignment).where(
            assignment.c.user_id == user_id,
            assignment.c.model_id == model_id,
            assignment.c.kind == kind,
        )
    )
    return gone.rowcount == 1


def list_assignments(
    conn: Connection, *, user_id: str | None = None, model_id: str | None = None
) -> tuple[Assignment, ...]:
    """Return assignments by model, kind and user, narrowed by what is given."""
    query = select(assignment)
    if user_id is not None:
        query = query.where(assignment.c.user_id == user_id)
    if model_id is not None:
        query = query.where(assignment.c.model_id == model_id)
    columns = assignment.c
    rows = conn.execute(query.order_by(columns.model_id, columns.kind, columns.user_id))
    return tuple(Assignment(**row._mapping) for row in rows)
