"""Small statements that every repository needs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(conn: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of the table's unique keys is taken; return whether it was.

    Unlike a caught ``IntegrityError`` this leaves a PostgreSQL transaction usable, and of two
    processes that insert the same key at once exactly one gets ``True``.
    """
    if conn.dialect.name == "sqlite":
        result = conn.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())
    else:
        result = conn.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())
    return result.rowcount == 1
