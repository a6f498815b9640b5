"""What reviewers have begun to write: one draft for each case and person, newer numbers win."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.store.rows import insert_if_absent
from core.store.tables import review_draft


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: its fields, its number, and when it was saved."""

    case_id: int
    user_id: str
    body: Mapping[str, Any]
    number: int
    saved_at: datetime


def save(conn: Connection, draft: Draft) -> bool:
    """Keep a draft unless a newer one is there; return whether it was kept."""
    values = {
        "case_id": draft.case_id,
        "user_id": draft.user_id,
        "body": dict(draft.body),
        "number": draft.number,
        "saved_at": draft.saved_at,
    }
    if insert_if_absent(conn, review_draft, values):
        return True
    column = review_draft.c
    changed = conn.execute(
        update(review_draft)
        .where(
            column.case_id == draft.case_id,
            column.user_id == draft.user_id,
            column.number < draft.number,
        )
        .values(body=dict(draft.body), number=draft.number, saved_at=draft.saved_at)
    )
    return changed.rowcount == 1


def find(conn: Connection, case_id: int, user_id: str) -> Draft | None:
    """Return a person's draft of a case, or ``None``."""
    column = review_draft.c
    query = select(review_draft).where(column.case_id == case_id, column.user_id == user_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Draft(**row._mapping)


def remove_of_case(conn: Connection, case_id: int) -> None:
    """Remove every draft of a case that is finished."""
    conn.execute(delete(review_draft).where(review_draft.c.case_id == case_id))
