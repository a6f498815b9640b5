"""Small statements that every repository needs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Row, Table, delete, select, update
from sqlalchemy.dialects import sqlite

_AT_ONCE = 400  # values of one statement; databases take a few thousand, drivers fewer
Value = TypeVar("Value")


class Queued(Protocol):
    """What waits in a table for an attempt."""

    @property
    def id(self) -> Any:
        """Its key."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""


def in_parts(values: Collection[Value]) -> Iterator[list[Value]]:
    """Cut values into lists that one statement can hold."""
    listed = list(values)
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))


def delete_of_person(
    conn: Connection,
    table: Table,
    subject_id: str,
    model_id: str | None,
    predictions: Iterable[tuple[str, Sequence[str]]],
) -> int:
    """Delete rows about a person, and about predictions that are gone; return how many.

    Parameters
    ----------
    conn : Connection
        The transaction of the erasure.
    table : Table
        With columns ``subject_id``, ``model_id`` and ``prediction_id``.
    subject_id : str
        The person's pseudonym.
    model_id : str, optional
        Only those of this model; ``None`` for all.
    predictions : iterable of (str, sequence of str)
        Model and ids of its predictions that are gone.
    """
    wanted = [table.c.subject_id == subject_id]
    if model_id is not None:
        wanted.append(table.c.model_id == model_id)
    gone = conn.execute(delete(table).where(*wanted)).rowcount
    for model, ids in predictions:
        for part in in_parts(ids):
            here = table.c.prediction_id.in_(part)
            gone += conn.execute(delete(table).where(table.c.model_id == model, here)).rowcount
    return gone


def due_rows(conn: Connection, table: Table, *, at: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return what waits in a table with ``state`` and ``next_at``, the longest waiting first."""
    query = select(table).where(table.c.state == "queued", table.c.next_at <= at)
    return conn.execute(query.order_by(table.c.next_at, table.c.id).limit(limit)).all()


def take_row(conn: Connection, table: Table, found: Queued, *, next_at: datetime) -> bool:
    """Take what waits for an attempt; return whether nobody else took it meanwhile.

    Should the attempt end without a word, the next one begins at ``next_at``.
    """
    changed = conn.execute(
        update(table)
        .where(
            table.c.id == found.id,
            table.c.state == "queued",
            table.c.attempts == found.attempts,
        )
        .values(attempts=found.attempts + 1, next_at=next_at)
    )
    return changed.rowcount == 1


def insert_if_absent(conn: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of the table's unique keys is taken; return whether it was.

    Unlike a caught ``IntegrityError`` this leaves a PostgreSQL transaction usable, and of two
    processes that insert the same key at once exactly one gets ``True``.
    """
    statement = _maker(conn)(table).values(**values).on_conflict_do_nothing()
    # Without preserve_rowcount SQLAlchemy forgets the count of an INSERT.
    result = conn.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


def insert_absent(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> tuple[int, ...]:
    """Insert rows of a table with a key ``id``, but those of which a unique key is taken.

    Returns
    -------
    tuple of int
        The ids of the rows that were inserted, in order.
    """
    statement = _maker(conn)(table).on_conflict_do_nothing().returning(table.c.id)
    return tuple(sorted(conn.execute(statement, list(rows)).scalars()))


def _maker(conn: Connection) -> Callable[[Table], Any]:
    """Return the INSERT of the database that knows what to do about a taken key."""
    if conn.dialect.name != "postgresql":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 25 ms; SQLite needs none of it

    return postgresql.insert
