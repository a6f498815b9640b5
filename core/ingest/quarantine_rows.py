"""Reading the quarantine: refused rows with their reasons, and how often each reason occurs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from core.lake.paths import parquet_relation

if TYPE_CHECKING:
    import pandas as pd

ROW_COLUMNS = ("batch", "file", "line", "column", "reason", "params", "raw")
MASK = "•••"
REASON_COLUMNS = ("column", "reason", "rows", "params")


def refused_rows(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[tuple[str, Path]],
    *,
    limit: int,
    jurisdiction_column: str | None = None,
    jurisdictions: frozenset[str] | None = None,
    personal: frozenset[str] = frozenset(),
) -> "pd.DataFrame":
    """Return refused rows, the newest batch first, each batch by file and line.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A cursor of the process's own.
    files : sequence of (batch id, path)
        Quarantine files, the newest first.
    limit : int
        Most rows to return.
    jurisdiction_column : str, optional
        The log's column of the jurisdiction.
    jurisdictions : frozenset of str, optional
        A reader's scope: rows of other jurisdictions, and rows that name none, are left out.
    personal : frozenset of str
        Columns of the log that hold personal data: masked. A line that could not be read column
        by column is always masked, because nobody can tell what it holds; its file and line
        number say where it is.

    Returns
    -------
    DataFrame
        ``batch``, ``file``, ``line``, ``column``, ``reason`` (a message of the catalogue),
        ``params`` (its values, a dict) and ``raw`` (the row as JSON text).
    """
    import pandas as pd  # noqa: PLC0415  # a third of a second, which an ingest can spare

    found: list[tuple[object, ...]] = []
    for batch_id, path in files:
        if len(found) >= limit:
            break
        rows = connection.execute(
            'SELECT file, line, "column", reason, params, raw'
            f" FROM {parquet_relation([path])} ORDER BY _source, line"
        ).fetchall()
        found += [
            (
                batch_id,
                *row[:4],
                _params(row[4], row[2] not in personal),
                _masked(row[5], personal),
            )
            for row in rows
            if jurisdictions is None
            or jurisdiction_of(row[5], jurisdiction_column) in jurisdictions
        ][: limit - len(found)]
    return pd.DataFrame(found, columns=list(ROW_COLUMNS))


def find_refused(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str, line: int
) -> tuple[int, str] | None:
    """Return the refused row of a line of a file, unmasked.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A cursor of the process's own.
    files : sequence of Path
        Quarantine files of one batch.
    name, line : str, int
        File and line as :func:`refused_rows` returns them.

    Returns
    -------
    tuple of (int, str), optional
        The file's place in the batch, and the row as JSON text; ``None`` if there is none.
    """
    if not files:
        return None
    found = connection.execute(
        f"SELECT _source, raw FROM {parquet_relation(files)}"
        " WHERE file = $name AND line = $line ORDER BY _source LIMIT 1",
        {"name": name, "line": line},
    ).fetchone()
    return None if found is None else (int(found[0]), str(found[1]))


def files_with_refused(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[tuple[str, Path]],
    *,
    jurisdiction_column: str | None,
    jurisdictions: frozenset[str] | None,
) -> list[tuple[str, str]]:
    """Return batch and name of every file with refused rows in a reader's scope, newest first.

    The parameters are those of :func:`refused_rows`.
    """
    found: list[tuple[str, str]] = []
    for batch_id, path in files:
        rows = connection.execute(
            f"SELECT file, raw FROM {parquet_relation([path])} ORDER BY _source"
        ).fetchall()
        found += [
            (batch_id, file)
            for file, raw in rows
            if jurisdictions is None or jurisdiction_of(raw, jurisdiction_column) in jurisdictions
        ]
    return list(dict.fromkeys(found))


def jurisdiction_of(raw: str, column: str | None) -> str | None:
    """Return the jurisdiction that a refused row names; ``None`` if nobody can tell."""
    row = json.loads(raw)
    return row.get(column) if isinstance(row, dict) and column else None


def _masked(raw: str, personal: frozenset[str]) -> str:
    row = json.loads(raw)
    if not isinstance(row, dict):
        return MASK
    hidden = {name: MASK if name in personal and row[name] else row[name] for name in row}
    return json.dumps(hidden, ensure_ascii=False)


def refusals_by_reason(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[tuple[str, Path]],
    *,
    with_values: bool,
    personal: frozenset[str] = frozenset(),
) -> "pd.DataFrame":
    """Return how many rows were refused for each column and reason.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A cursor of the process's own.
    files : sequence of (batch id, path)
        Quarantine files.
    with_values : bool
        Whether ``params`` holds the value of one of the rows, or a dash in its place.
    personal : frozenset of str
        Columns whose values are never shown.

    Returns
    -------
    DataFrame
        ``column``, ``reason``, ``rows`` and ``params``, the most frequent first.
    """
    import pandas as pd  # noqa: PLC0415  # a third of a second, which an ingest can spare

    if not files:
        return pd.DataFrame([], columns=list(REASON_COLUMNS))
    rows = connection.execute(
        "SELECT coalesce(\"column\", ''), reason, count(*), min(params)"
        f" FROM {parquet_relation([path for _, path in files])}"
        " GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    counted = [
        (column, reason, n, _params(params, with_values and column not in personal))
        for column, reason, n, params in rows
    ]
    return pd.DataFrame(counted, columns=list(REASON_COLUMNS))


def _params(text: str, with_values: bool) -> dict[str, object]:
    params: dict[str, object] = json.loads(text)
    return params if with_values or "value" not in params else {**params, "value": "–"}
