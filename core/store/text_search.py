"""Where a text stands in the state database: looked for in every column, taken out where it may.

The audit trail is never changed; it is built so that no reference enters it. What is found there
all the same is told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import JSON, Column, Connection, Table, Text, cast, or_, select, update

from core.store.tables import metadata

MASK = "[erased]"
_SCRUBBED = frozenset(
    {
        "approval",
        "batch",
        "batch_source",
        "erasure",
        "export_file",
        "job",
        "legal_hold",
        "model_state",
        "release",
        "retention_rule",
        "watch",
    }
)
_ACTIVE_JOBS = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """How many rows of each table were mended, and how many still hold the text."""

    mended: Mapping[str, int]
    left: Mapping[str, int]


def scrub(conn: Connection, text: str) -> Scrubbed:
    """Take a text out of every row that may change, as a word of its own.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    text : str
        What is looked for; a part of a longer word does not count.
    """
    mended: dict[str, int] = {}
    left: dict[str, int] = {}
    for table in metadata.sorted_tables:
        for row in _candidates(conn, table, text):
            changes = {
                column.name: _without(row[column.name], text) for column in _changeable(table)
            }
            changes = {name: new for name, new in changes.items() if new != row[name]}
            may = table.name in _SCRUBBED and row.get("state") not in _ACTIVE_JOBS
            if may and changes:
                key = [column == row[column.name] for column in table.primary_key]
                conn.execute(update(table).where(*key).values(**changes))
                mended[table.name] = mended.get(table.name, 0) + 1
                row = {**row, **changes}
            if any(_holds(row[column.name], text) for column in _texts(table)):
                left[table.name] = left.get(table.name, 0) + 1
    return Scrubbed(mended, left)


def find(conn: Connection, text: str) -> Mapping[str, int]:
    """Return how many rows of each table hold a text; tables without are left out."""
    found: dict[str, int] = {}
    for table in metadata.sorted_tables:
        rows = sum(
            any(_holds(row[column.name], text) for column in _texts(table))
            for row in _candidates(conn, table, text)
        )
        if rows:
            found[table.name] = rows
    return found


def _candidates(conn: Connection, table: Table, text: str) -> Iterator[dict[str, object]]:
    columns = list(_texts(table))
    if not columns:
        return
    forms = dict.fromkeys([text, json.dumps(text)[1:-1]])
    tests = [
        cast(column, Text).contains(form, autoescape=True) for column in columns for form in forms
    ]
    for row in conn.execute(select(table).where(or_(*tests))).fetchall():
        yield {str(name): value for name, value in row._mapping.items()}


def _texts(table: Table) -> Iterator[Column[object]]:
    return (column for column in table.columns if isinstance(column.type, Text | JSON))


def _changeable(table: Table) -> Iterator[Column[object]]:
    return (
        column for column in _texts(table) if not column.primary_key and not column.foreign_keys
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])")


def _holds(value: object, text: str) -> bool:
    return value is not None and value != _without(value, text)


def _without(value: object, text: str) -> object:
    if isinstance(value, str):
        return _pattern(text).sub(MASK, value)
    if isinstance(value, Mapping):
        return {
            str(_without(str(name), text)): _without(item, text) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_without(item, text) for item in value]
    return value
