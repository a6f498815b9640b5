"""The rows of the batch being read, typed and checked, in a table in memory that may spill.

It is no temporary table, which only one cursor would see; but the database is in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from core.ingest.quarantine import Quarantine
from core.ingest.readers import Source
from core.ingest.streams import SQL_TYPES, Shape
from core.ingest.validate import Reading

STAGED = "staged"
FILES = "staged_files"


@dataclass(frozen=True, slots=True)
class Span:
    """Number of staged rows and their first and last instant, in µs since 1970."""

    rows: int
    first: int | None
    last: int | None


class Stage:
    """Good rows of a batch, under their lake names and ``_row``, ``_source``, ``_line``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own.
    shapes : sequence of Shape
        What the files' rows may be; all have the same columns.
    quarantine : Quarantine
        Takes the rows that are refused.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        shapes: Sequence[Shape],
        quarantine: Quarantine,
    ) -> None:
        self.connection = connection
        self.shape = shapes[0]
        self._width = len(shapes)
        self._quarantine = quarantine
        self._next_row = 0
        columns = ", ".join(f"{f.name} {SQL_TYPES[f.kind]}" for f in self.shape.fields)
        connection.execute(
            f"CREATE OR REPLACE TABLE {STAGED} ({columns}, _row BIGINT, _source INTEGER,"
            " _line BIGINT, _fault INTEGER)"
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {FILES} (_source INTEGER, file VARCHAR)")

    def load(self, ordinal: int, source: Source, readings: Sequence[Reading]) -> int:
        """Stage one file; return the number of its rows.

        Parameters
        ----------
        ordinal : int
            Place of the file in the batch.
        source : Source
            The open file.
        readings : sequence of Reading
            One for each kind of row that the file can hold.
        """
        self.connection.execute(f"INSERT INTO {FILES} VALUES (?, ?)", [ordinal, source.path.name])
        rows, end = 0, self._next_row
        for number, reading in enumerate(readings):
            read, faulty, last = self._insert(ordinal, source, reading, number)
            rows += read
            end = max(end, last + 1)
            if faulty:
                self._quarantine.add_faulty(ordinal, source, reading, STAGED)
                self.connection.execute(f"DELETE FROM {STAGED} WHERE _fault IS NOT NULL")
        self._next_row = -(-end // self._width) * self._width
        return rows

    def _insert(
        self, ordinal: int, source: Source, reading: Reading, number: int
    ) -> tuple[int, int, int]:
        values = ", ".join(f"{value} AS v{place}" for place, value in enumerate(reading.values))
        names = ", ".join(f"v{place}" for place in range(len(reading.values)))
        # Values in a query of their own: the tests of a value do not work it out again.
        self.connection.execute(
            f"INSERT INTO {STAGED} SELECT {names},"
            f" {self._next_row + number} + _index * {self._width}, {ordinal}, _line,"
            f" {reading.fault} FROM (SELECT *, {values} FROM {source.relation}"
            f" WHERE {reading.where})"
        )
        row = self.connection.execute(
            f"SELECT count(*), count(_fault), coalesce(max(_row), -1) FROM {STAGED}"
            f" WHERE _source = {ordinal} AND (_row - {number}) % {self._width} = 0"
        ).fetchall()[0]
        return int(row[0]), int(row[1]), int(row[2])

    def remove(self, rows: str) -> None:
        """Remove the rows whose ``_row`` stands in a temporary table."""
        self.connection.execute(f"DELETE FROM {STAGED} WHERE _row IN (SELECT _row FROM {rows})")

    def span(self) -> Span:
        """Return the number of rows and the instants of the oldest and the newest."""
        time = self.shape.time
        rows, first, last = self.connection.execute(
            f"SELECT count(*), epoch_us(min({time})), epoch_us(max({time})) FROM {STAGED}"
        ).fetchall()[0]
        return Span(rows, first, last)


def instant(microseconds: int) -> datetime:
    """Return the instant that lies so many µs after 1970; exact, unlike a float timestamp."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
