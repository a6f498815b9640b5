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
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = make(table).values(**values).on_conflict_do_nothing()
    # Without preserve_rowcount SQLAlchemy forgets the count of an INSERT.
    result = conn.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1
