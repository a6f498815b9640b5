"""Where a text stands in the state database: looked for in every column, taken out where it may.

The audit trail is never changed; it is built so that no reference enters it. Its entries, and the
payloads of other people's reasons, are read all the same, whatever the case of letters, and what is
found there is told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
    update,
)

from core.store.tables import audit_entry, audit_payload, metadata

MASK = "[erased]"
SCRUBBED = frozenset(
    {
        "alarm",
        "alert_event",
        "annotation",
        "approval",
        "batch",
        "batch_source",
        "check_run",
        "delivery",
        "disclosure",
        "dispute_note",
        "erasure",
        "exchange_rate",
        "export_file",
        "hook_call",
        "job",
        "legal_hold",
        "metric_result",
        "model_state",
        "office_closure",
        "refusal",
        "release",
        "retention_rule",
        "review_draft",
        "review_file",
        "review_step",
        "review_text",
        "rights_request",
        "rights_step",
        "saved_view",
        "scenario",
        "version_change",
        "watch",
    }
)
"""Tables whose rows may change; where they lay before is overwritten (``cleanse``)."""
_WRITTEN = (audit_entry.c.canonical, audit_payload.c.payload)
_MOST_TOLD = 100
_ACTIVE_JOBS = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What came of a search.

    Parameters
    ----------
    mended, left : Mapping of str to int
        How many rows of each table were mended, and how many still hold the text.
    entries : tuple of int
        The first hundred entries of the audit trail among those.
    """

    mended: Mapping[str, int]
    left: Mapping[str, int]
    entries: tuple[int, ...] = ()


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
            may = table.name in SCRUBBED and row.get("state") not in _ACTIVE_JOBS
            if may and changes:
                key = [column == row[column.name] for column in table.primary_key]
                conn.execute(update(table).where(*key).values(**changes))
                mended[table.name] = mended.get(table.name, 0) + 1
                row = {**row, **changes}
            if any(_holds(row[column.name], text) for column in _texts(table)):
                left[table.name] = left.get(table.name, 0) + 1
    written = _in_writing(conn, text)
    for name, sequences in written.items():
        left[name] = max(left.get(name, 0), len(sequences))
    entries = sorted(each for sequences in written.values() for each in sequences)
    return Scrubbed(mended, left, tuple(dict.fromkeys(entries))[:_MOST_TOLD])


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
    for name, sequences in _in_writing(conn, text).items():
        found[name] = max(found.get(name, 0), len(sequences))
    return found


def _in_writing(conn: Connection, text: str) -> dict[str, list[int]]:
    """Return the sequences of entries and payloads whose bytes hold a text, by table."""
    forms = dict.fromkeys([text, json.dumps(text, ensure_ascii=False)[1:-1]])
    found: dict[str, list[int]] = {}
    for column in _WRITTEN:
        table = column.table
        words = _as_text(conn, column)
        tests = [words.icontains(form, autoescape=True) for form in forms]
        query = select(table.c.sequence, column).where(or_(*tests)).order_by(table.c.sequence)
        for row in conn.execute(query, execution_options={"yield_per": 1000}):
            said = bytes(row[1]).decode("utf-8")
            if any(_pattern(form, re.IGNORECASE).search(said) for form in forms):
                found.setdefault(str(table.name), []).append(int(row[0]))
    return found


def _as_text(conn: Connection, column: Column[bytes]) -> ColumnElement[str]:
    if conn.dialect.name == "postgresql":
        return func.convert_from(column, "UTF8")
    return cast(column, Text)


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


def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])", flags)


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
