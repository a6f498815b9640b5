"""Days on which offices were shut beside the public holidays, and the clocks that they move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import NotFound
from core.i18n import N_
from core.store.rows import insert_if_absent
from core.store.tables import office_closure, review_case, rights_request
from core.store.types import clean_text

ENDED = ("final", "withdrawn")


@dataclass(frozen=True, slots=True)
class Closure:
    """A day of closure.

    Parameters
    ----------
    day : date
        In Hong Kong.
    kind : {"gale", "black_rain", "other"}
        Why offices were shut.
    note : str
        More about it, perhaps nothing.
    added_at, added_by : datetime, str
        When and under which pseudonym it was entered.
    """

    day: date
    kind: str
    note: str
    added_at: datetime
    added_by: str


def add(conn: Connection, closure: Closure) -> bool:
    """Keep a day of closure; return whether it was none before."""
    values = {name: getattr(closure, name) for name in Closure.__slots__}
    return insert_if_absent(conn, office_closure, values | {"note": clean_text(closure.note)})


def remove(conn: Connection, day: date) -> Closure:
    """Delete a day of closure and return what it was.

    Raises
    ------
    NotFound
        If it is none.
    """
    query = select(office_closure).where(office_closure.c.day == day)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(
            N_("Offices were not shut on {day}."),
            remedy=N_("Choose a day from the list of closures."),
            day=day.isoformat(),
        )
    conn.execute(delete(office_closure).where(office_closure.c.day == day))
    return Closure(**row._mapping)


def list_closures(conn: Connection) -> tuple[Closure, ...]:
    """Return the days of closure, the newest first."""
    rows = conn.execute(select(office_closure).order_by(office_closure.c.day.desc()))
    return tuple(Closure(**row._mapping) for row in rows)


def days(conn: Connection) -> frozenset[date]:
    """Return the days of closure."""
    return frozenset(conn.execute(select(office_closure.c.day)).scalars())


def clocks_running(
    conn: Connection, *, created_before: datetime, due_from: datetime
) -> Sequence[datetime]:
    """Return the distinct instants at which cases that wait are due, in their order.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    created_before, due_from : datetime
        Only of cases made before the one, and due at or behind the other.
    """
    column = review_case.c
    query = (
        select(column.due_at)
        .where(
            column.state.not_in(ENDED),
            column.created_at < created_before,
            column.due_at >= due_from,
        )
        .distinct()
        .order_by(column.due_at)
    )
    return conn.execute(query).scalars().all()


def move_clocks(conn: Connection, *, created_before: datetime, due: datetime, to: datetime) -> int:
    """Let cases that wait and are due at one instant be due at another; return how many.

    ``revision`` stays: whoever works on such a case loses nothing by it.
    """
    column = review_case.c
    changed = conn.execute(
        update(review_case)
        .where(column.state.not_in(ENDED), column.created_at < created_before, column.due_at == due)
        .values(due_at=to)
    )
    return changed.rowcount


def requests_due(conn: Connection, *, due_from: date) -> Sequence[tuple[int, datetime, date]]:
    """Return id, receipt and last day of customers' requests that are not closed yet.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    due_from : date
        Only those due on this day or behind it.
    """
    column = rights_request.c
    query = (
        select(column.id, column.received_at, column.due_on)
        .where(column.closed_at.is_(None), column.due_on >= due_from)
        .order_by(column.id)
    )
    return [(row.id, row.received_at, row.due_on) for row in conn.execute(query)]


def move_request(conn: Connection, request_id: int, to: date) -> None:
    """Let a customer's request be due on another day."""
    conn.execute(update(rights_request).where(rights_request.c.id == request_id).values(due_on=to))
