"""Small statements that every repository needs."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def insert_if_absent(conn: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of the table's unique keys is taken; return whether it was.

    Unlike a caught ``IntegrityError`` this leaves a PostgreSQL transaction usable, and of two
    processes that insert the same key at once exactly one gets ``True``.
    """
    make: Callable[[Table], Any] = sqlite.insert
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 25 ms; SQLite needs none of it

        make = postgresql.insert
    statement = make(table).values(**values).on_conflict_do_nothing()
    # Without preserve_rowcount SQLAlchemy forgets the count of an INSERT.
    result = conn.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1
