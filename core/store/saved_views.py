"""Saved views: pages with their filters, kept under a name of one's own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from core.store.tables import saved_view


@dataclass(frozen=True, slots=True)
class SavedView:
    """One saved view.

    Parameters
    ----------
    id, user_id : str
        Key, and whose.
    page, name : str
        Last part of the page's address, and what the person calls the view.
    parameters : mapping of str to str
        Filters as the address has them.
    created_at : datetime
        When it was saved.
    """

    id: str
    user_id: str
    page: str
    name: str
    parameters: Mapping[str, str]
    created_at: datetime


def put(conn: Connection, view: SavedView) -> None:
    """Keep a view; one of the same page and name is replaced."""
    same = (
        saved_view.c.user_id == view.user_id,
        saved_view.c.page == view.page,
        saved_view.c.name == view.name,
    )
    conn.execute(delete(saved_view).where(*same))
    values = asdict(view) | {"parameters": dict(view.parameters)}
    conn.execute(insert(saved_view).values(**values))


def remove(conn: Connection, user_id: str, view_id: str) -> bool:
    """Remove a person's view; return whether there was one."""
    where = (saved_view.c.user_id == user_id, saved_view.c.id == view_id)
    return bool(conn.execute(delete(saved_view).where(*where)).rowcount)


def count(conn: Connection, user_id: str) -> int:
    """Return how many views a person has saved."""
    query = select(func.count()).where(saved_view.c.user_id == user_id)
    return int(conn.execute(query).scalar_one())


def list_of(conn: Connection, user_id: str) -> tuple[SavedView, ...]:
    """Return a person's views by page and name."""
    query = select(saved_view).where(saved_view.c.user_id == user_id)
    rows = conn.execute(query.order_by(saved_view.c.page, saved_view.c.name))
    return tuple(SavedView(**row._mapping) for row in rows)
