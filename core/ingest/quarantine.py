"""Refused rows: kept with file, line, column and reason until the batch ends, then as Parquet."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from core.ingest.readers import BrokenRow, Source
from core.ingest.readers.source import quoted
from core.ingest.validate import Reading
from core.lake.upkeep.erase import erased_lines

_TABLE = "quarantined"
_SHOWN = 120
_COLUMNS = (
    "_source INTEGER, file VARCHAR, line BIGINT, column_name VARCHAR, reason VARCHAR,"
    " params VARCHAR, raw VARCHAR"
)


class Quarantine:
    """The refused rows of the batch being read.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own; the rows are in a temporary table of it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} ({_COLUMNS})")

    def add_lines(self, ordinal: int, file: str, rows: Sequence[BrokenRow]) -> None:
        """Add lines that are no rows at all."""
        if not rows:
            return
        block = pa.table(
            {
                "line": pa.array([row.line for row in rows], pa.int64()),
                "reason": pa.array([row.reason for row in rows], pa.string()),
                "params": pa.array([_json(row.params) for row in rows], pa.string()),
                "raw": pa.array([_json(row.raw) for row in rows], pa.string()),
            }
        )
        self._connection.register("broken_block", block)
        self._connection.execute(
            f"INSERT INTO {_TABLE} SELECT ?, ?, line, NULL, reason, params, raw FROM broken_block",
            [ordinal, file],
        )
        self._connection.unregister("broken_block")

    def add_faulty(self, ordinal: int, source: Source, reading: Reading, staged: str) -> None:
        """Add the staged rows of a source that have a fault, with their raw values.

        Columns that the contract does not declare are left out: what nobody asked for is not
        stored, here neither.
        """
        faults = reading.faults
        declared = {name for field in reading.shape.fields for name in field.sources}
        texts = {
            "column": [fault.column for fault in faults],
            "reason": [fault.reason for fault in faults],
        }
        values = " ".join(
            f"WHEN {number} THEN CAST(c{fault.position} AS VARCHAR)"
            for number, fault in enumerate(faults)
        )
        raw = ", ".join(
            f"{quoted(name)}, CAST(c{index} AS VARCHAR)"
            for index, name in enumerate(source.names)
            if name in declared
        )
        self._connection.execute(
            f"""
            INSERT INTO {_TABLE}
            SELECT ?, ?, r._line, list_extract(?, s._fault + 1), list_extract(?, s._fault + 1),
                   json_object('column', list_extract(?, s._fault + 1),
                               'value', left(CASE s._fault {values} END, {_SHOWN})),
                   json_object({raw})
            FROM {source.relation} AS r
            JOIN (SELECT _line, _fault FROM {staged} WHERE _source = ? AND _fault IS NOT NULL) AS s
              ON r._line = s._line
            """,
            [
                ordinal,
                source.path.name,
                texts["column"],
                texts["reason"],
                texts["column"],
                ordinal,
            ],
        )

    def add_conflicts(
        self, staged: str, rows: str, reason: str, columns: dict[str, str], key: str
    ) -> None:
        """Add staged rows whose key is taken by other content.

        Parameters
        ----------
        staged, rows : str
            Names of the temporary tables of staged rows, and of the ``_row`` numbers meant.
        reason : str
            The message.
        columns : dict
            Log column by lake column, for the raw row.
        key : str
            The lake column that identifies the row.
        """
        raw = ", ".join(
            f"{quoted(label)}, CAST({name} AS VARCHAR)" for name, label in columns.items()
        )
        self._connection.execute(
            f"""
            INSERT INTO {_TABLE}
            SELECT _source, file, _line, ?, ?, json_object('column', ?, 'value', {key}),
                   json_object({raw})
            FROM {staged} JOIN staged_files USING (_source)
            WHERE _row IN (SELECT _row FROM {rows})
            """,
            [columns[key], reason, columns[key]],
        )

    def add_erased(self, staged: str, rows: str, reason: str) -> None:
        """Add staged rows about people who were erased: where they stood, and nothing of them."""
        self._connection.execute(
            f"INSERT INTO {_TABLE} SELECT _source, file, _line, NULL, ?, '{{}}', '{{}}'"
            f" FROM {staged} JOIN staged_files USING (_source)"
            f" WHERE _row IN (SELECT _row FROM {rows})",
            [reason],
        )

    def empty_where(self, test: str, parameters: Mapping[str, object], reason: str) -> None:
        """Take the values out of refused rows that were read column by column and fit a test."""
        self._connection.execute(
            f"UPDATE {_TABLE} SET column_name = NULL, reason = $reason, params = '{{}}',"
            f" raw = '{{}}' WHERE json_type(raw) = 'OBJECT' AND {test}",
            {**parameters, "reason": reason},
        )

    def empty_lines(self, is_erased: Callable[[str], bool], reason: str) -> None:
        """Take the values out of lines of which a piece is the id of somebody erased."""
        lines = self._connection.execute(
            f"SELECT rowid, raw FROM {_TABLE} WHERE json_type(raw) <> 'OBJECT'"
        ).fetchall()
        for number in erased_lines(lines, is_erased):
            self._connection.execute(
                f"UPDATE {_TABLE} SET column_name = NULL, reason = ?, params = '{{}}',"
                " raw = '{}' WHERE rowid = ?",
                [reason, number],
            )

    def count(self) -> int:
        """Return the number of rows refused so far."""
        rows = self._connection.execute(f"SELECT count(*) FROM {_TABLE}").fetchall()
        return int(rows[0][0])

    def write(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Write the refused rows to a Parquet file, by file and line."""
        connection.execute(
            f'COPY (SELECT _source, file, line, column_name AS "column", reason, params, raw'
            f" FROM {_TABLE} ORDER BY _source, line) TO {quoted(str(path))}"
            " (FORMAT parquet, COMPRESSION zstd)"
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
