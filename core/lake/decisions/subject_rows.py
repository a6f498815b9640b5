"""All rows of one person as they were known at a moment, stream by stream."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from core.lake.paths import parquet_relation
from core.lake.rows import STABLE_ORDER, stale_files

STREAMS = ("predictions", "decisions", "outcomes")
"""Where a person's rows lie; what is joined from these is not read again."""
PLACE = ("_batch", "_row", "_source", "_line")
"""Where a row came from: kept with a frozen copy, and not the person's data."""


def subject_rows(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, Sequence[str]],
    column: str,
    reference: str,
    *,
    later: Sequence[str] = (),
) -> Mapping[str, list[dict[str, Any]]]:
    """Return stream → rows of a person in stable order.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; cursors of its own are used.
    files : mapping of str to sequence of str
        Data files of each stream.
    column : str
        Lake column of predictions that names whom they are about (``identity_column``).
    reference : str
        What the log calls the person; a value of the query, never a part of its text.
    later : sequence of str
        Batches published after the moment; their rows were not known then.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    known = "NOT list_contains($later::VARCHAR[], r._batch)"
    found = {
        "predictions": _rows(
            connection,
            files.get("predictions", ()),
            "predictions",
            f"r.{_named(column)} = $wanted AND {known}",
            {"wanted": reference, "later": list(later)},
        )
    }
    ids = list(dict.fromkeys(str(row["prediction_id"]) for row in found["predictions"]))
    for stream in STREAMS[1:]:
        found[stream] = _rows(
            connection,
            files.get(stream, ()) if ids else (),
            stream,
            f"list_contains($ids::VARCHAR[], r.prediction_id) AND {known}",
            {"ids": ids, "later": list(later)},
        )
    return found


def _named(column: str) -> str:
    """Return one of the two columns that may name a person."""
    return "subject" if column == "subject" else "prediction_id"


def _rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    stream: str,
    where: str,
    parameters: Mapping[str, object],
) -> list[dict[str, Any]]:
    if not paths:
        return []
    query = (
        f"SELECT r.* FROM {parquet_relation(paths)} AS r"  # noqa: S608
        f" WHERE {where} ORDER BY {STABLE_ORDER[stream]}"
    )
    with connection.cursor() as cursor, stale_files():
        return list(cursor.sql(query, params=dict(parameters)).to_arrow_table().to_pylist())
