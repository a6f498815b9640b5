"""Some columns of some predictions, found by their ids."""

from collections.abc import Sequence
from typing import Any

import duckdb

from core.lake.paths import parquet_relation
from core.lake.rows import stale_files


def rows_by_id(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    prediction_ids: Sequence[str],
    columns: Sequence[str],
) -> dict[str, tuple[Any, ...]]:
    """Return prediction id → values of columns, for those that are in the log.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions : sequence of str
        Data files of the stream.
    prediction_ids : sequence of str
        Which; values of the query, never a part of its text.
    columns : sequence of str
        Lake columns; one that no file has is ``None``.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions or not prediction_ids:
        return {}
    relation = parquet_relation(predictions)
    with connection.cursor() as cursor, stale_files():
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        items = [_quoted(each) if each in known else "NULL" for each in columns]
        query = (
            f"SELECT prediction_id{''.join(f', {each}' for each in items)} FROM {relation}"  # noqa: S608
            " WHERE prediction_id IN (SELECT unnest($ids))"
            " QUALIFY row_number() OVER"
            " (PARTITION BY prediction_id ORDER BY time DESC, _batch DESC, _row DESC) = 1"
        )
        found = cursor.execute(query, {"ids": list(prediction_ids)}).fetchall()
    return {str(row[0]): tuple(row[1:]) for row in found}


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
