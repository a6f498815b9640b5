"""Parquet: columns by position, the row number from the file itself."""

from pathlib import Path

import duckdb

from core.ingest.readers.detect import unreadable
from core.ingest.readers.source import Source, SourceColumn, path_literal


def open_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    """Return a Parquet file as numbered columns; nothing but its footer is read yet.

    Raises
    ------
    UnreadableFile
        If it is not a sound Parquet file.
    """
    literal = path_literal(path)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal})").fetchall()
        names = _top_level_names(connection, literal)
    except duckdb.Error as error:
        raise unreadable(path, _first_line(error)) from error
    columns = tuple(SourceColumn(name, row[1]) for name, row in zip(names, described, strict=True))
    numbered = ", ".join(f"c{index}" for index in range(len(columns)))
    relation = (
        f"(SELECT {numbered}, _index, _index + 1 AS _line"
        f" FROM read_parquet({literal}, file_row_number = true) AS file({numbered}, _index))"
    )
    return Source(path, "parquet", "", columns, relation)


def _top_level_names(connection: duckdb.DuckDBPyConnection, literal: str) -> list[str]:
    """Return the names as the file has them: DuckDB's own differ where only the case does."""
    rows = connection.execute(
        f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({literal})"
    ).fetchall()
    names: list[str] = []
    position = 1
    while position < len(rows):
        names.append(rows[position][0])
        pending = 1
        while pending:
            pending += rows[position][1] - 1
            position += 1
    return names


def _first_line(error: duckdb.Error) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
