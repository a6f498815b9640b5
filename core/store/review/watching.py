"""Who follows which case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from core.store.rows import insert_if_absent
from core.store.tables import review_case, review_step, review_watch


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """A case that a user follows, where it stands, and its newest step."""

    case_id: int
    model_id: str
    jurisdiction: str
    state: str
    since: datetime
    last_action: str
    last_at: datetime


def add(conn: Connection, case_id: int, user_id: str, *, since: datetime) -> bool:
    """Follow a case; return whether that is new."""
    values = {"case_id": case_id, "user_id": user_id, "since": since}
    return insert_if_absent(conn, review_watch, values)


def remove(conn: Connection, case_id: int, user_id: str) -> bool:
    """Follow a case no longer; return whether it was followed."""
    column = review_watch.c
    gone = conn.execute(
        delete(review_watch).where(column.case_id == case_id, column.user_id == user_id)
    )
    return gone.rowcount == 1


def of_case(conn: Connection, case_id: int) -> tuple[str, ...]:
    """Return the users who follow a case."""
    query = select(review_watch.c.user_id).where(review_watch.c.case_id == case_id)
    return tuple(conn.execute(query.order_by(review_watch.c.user_id)).scalars())


def of_user(
    conn: Connection, user_id: str, *, untold: Sequence[str] = ()
) -> tuple[WatchRecord, ...]:
    """Return the cases that a user follows, what happened last first, but for untold actions."""
    own = review_step.alias("own")
    newest = (
        select(func.max(own.c.id))
        .where(own.c.case_id == review_watch.c.case_id, own.c.action.not_in([*untold]))
        .correlate(review_watch)
        .scalar_subquery()
    )
    query = (
        select(
            review_case.c.id,
            review_case.c.model_id,
            review_case.c.jurisdiction,
            review_case.c.state,
            review_watch.c.since,
            review_step.c.action,
            review_step.c.at,
        )
        .join(review_watch, review_watch.c.case_id == review_case.c.id)
        .outerjoin(review_step, review_step.c.id == newest)
        .where(review_watch.c.user_id == user_id)
    )
    found = [
        WatchRecord(
            row.id,
            row.model_id,
            row.jurisdiction,
            row.state,
            row.since,
            row.action or "",
            row.at or row.since,
        )
        for row in conn.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (each.last_at, each.case_id), reverse=True))
