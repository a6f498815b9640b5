"""Small statements that every repository needs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


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
