"""Refused rows of a subject: found by what the log calls them, and emptied.

A refused row is kept as the JSON text of the log's own columns; a line that could not be read
column by column is kept as it was, and compared piece by piece.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from core.i18n import N_
from core.lake.paths import parquet_relation, quoted
from core.lake.upkeep.erase import IDS, Wanted, Written, found_ids, tokens

ERASED_REASON = N_("The row is about somebody who was erased; its values are not kept.")
_MARKS = "erased_lines"
_SHORTEST_ANYWHERE = 4


def mark_refused_rows(
    connection: duckdb.DuckDBPyConnection, source: Path, wanted: Wanted, columns: Iterable[str]
) -> int:
    """Mark the refused rows of a quarantine file that are the subject's; return their number.

    Parameters
    ----------
    connection : DuckDBPyConnection
        That knows the ids of the subject's predictions.
    source : Path
        The quarantine file.
    wanted : Wanted
        Whose.
    columns : iterable of str
        The log's own columns that may name a subject or a prediction. A line that could not be
        read column by column is compared piece by piece.
    """
    connection.execute(f"CREATE OR REPLACE TABLE {_MARKS} (place BIGINT)")
    relation = f"read_parquet({quoted(source)}, file_row_number := true)"
    tests: list[str] = []
    parameters: dict[str, object] = {}
    for number, column in enumerate(dict.fromkeys(columns)):
        value = f"json_extract_string(raw, $path_{number})"
        own, needed = wanted.condition(value)
        tests.append(f"{own} OR {value} IN (FROM {IDS})")
        parameters |= {f"path_{number}": "$." + _json_key(column), **needed}
    if wanted.reference is not None and len(wanted.reference) >= _SHORTEST_ANYWHERE:
        tests.append("list_contains(json_extract_string(raw, '$.*'), $reference)")
    connection.execute(
        f"INSERT INTO {_MARKS} SELECT file_row_number FROM {relation}"  # noqa: S608
        f" WHERE json_type(raw) = 'OBJECT' AND ({' OR '.join(tests) or 'false'})",
        parameters,
    )
    lines = connection.execute(
        f"SELECT file_row_number, raw FROM {relation} WHERE json_type(raw) <> 'OBJECT'"  # noqa: S608
    ).fetchall()
    ids = set(found_ids(connection)) if lines else set()
    named = [
        (place,)
        for place, raw in lines
        if wanted.is_named_by(raw) or any(token in ids for token in tokens(raw))
    ]
    if named:
        connection.executemany(f"INSERT INTO {_MARKS} VALUES (?)", named)  # noqa: S608
    return _count(connection, f"SELECT count(DISTINCT place) FROM {_MARKS}")  # noqa: S608


def write_emptied(connection: duckdb.DuckDBPyConnection, source: Path, target: Path) -> Written:
    """Write a quarantine file again with the marked rows emptied.

    File and line stay, so that the numbers of a batch still add up; the values go.
    """
    reason = quoted(ERASED_REASON)
    connection.execute(
        f"COPY (SELECT _source, file, line,"  # noqa: S608 - constants and quoted paths
        f' CASE WHEN place IS NULL THEN "column" END AS "column",'
        f" CASE WHEN place IS NULL THEN reason ELSE {reason} END AS reason,"
        f" CASE WHEN place IS NULL THEN params ELSE '{{}}' END AS params,"
        f" CASE WHEN place IS NULL THEN raw ELSE '{{}}' END AS raw"
        f" FROM read_parquet({quoted(source)}, file_row_number := true)"
        f" LEFT JOIN (SELECT DISTINCT place FROM {_MARKS}) ON place = file_row_number"
        f" ORDER BY _source, line) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    )
    return Written(_count(connection, f"SELECT count(*) FROM {parquet_relation([target])}"))  # noqa: S608


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _json_key(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'
