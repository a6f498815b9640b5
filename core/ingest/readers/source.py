"""What every reader gives: numbered columns, where each row came from, and the lines it lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Reject = Callable[[Sequence["BrokenRow"]], None]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that is no row: its number, the reason (a message and its values) and its text."""

    line: int
    reason: str
    params: dict[str, object]
    raw: str


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of a file: the name it has there, and DuckDB's type of it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file, ready to be queried.

    Parameters
    ----------
    path : Path
        The file.
    format, encoding : str
        As read: ``parquet``, ``csv`` or ``jsonl``, and the encoding of a text.
    columns : tuple of SourceColumn
        Its columns; the n-th is ``c<n>`` in the relation.
    relation : str
        SQL that stands in a FROM clause, with ``c0 … cN``, ``_index`` (row number from 0) and
        ``_line`` (line or row of the file, from 1, header included).
    tables : tuple of str
        Temporary tables to drop when the file is done.
    """

    path: Path
    format: str
    encoding: str
    columns: tuple[SourceColumn, ...]
    relation: str
    tables: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in the file."""
        return tuple(column.name for column in self.columns)


def path_literal(path: Path) -> str:
    """Return a path as an SQL text that DuckDB takes literally, special characters included."""
    text = str(path)
    for character in "[*?":
        text = text.replace(character, f"[{character}]")
    return quoted(text)


def quoted(text: str) -> str:
    """Return an SQL text literal."""
    return "'" + text.replace("'", "''") + "'"
