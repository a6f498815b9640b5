"""Predictions that stay held because nobody will ever decide about them: no case was made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import RELEASED

_ROUTED, _SETTLED = "routed_batches", "settled_predictions"


@dataclass(frozen=True, slots=True)
class HeldFiles:
    """Where held predictions are looked for.

    Parameters
    ----------
    predictions, decisions : tuple of str
        Data files of the two streams.
    rows : RowFilter
        Conditions on the predictions: the versions in the loop, and where.
    start : datetime, optional
        From when on predictions become cases; ``None``: ever.
    """

    predictions: tuple[str, ...]
    decisions: tuple[str, ...]
    rows: RowFilter
    start: datetime | None = None


def held_without_case(
    connection: duckdb.DuckDBPyConnection,
    files: HeldFiles,
    *,
    batches: Collection[str],
    settled: Collection[str],
) -> dict[str, int]:
    """Count the predictions of each version that were routed, became no case and took no effect.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : HeldFiles
        Which log, and which rows.
    batches : collection of str
        Batches that were held against the rules.
    settled : collection of str
        Predictions with a case whose verdict counts, and those that a person stopped.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions or not batches:
        return {}
    relation = parquet_relation(files.predictions)
    conditions = [files.rows.condition(text=True) or "TRUE"]
    if files.start is not None:
        conditions.append(f"r.time >= {instant_literal(files.start)}")
    with connection.cursor() as cursor, stale_files():
        cursor.register(_ROUTED, _names(batches))
        cursor.register(_SETTLED, _names(settled))
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        if "released_at" in known:
            conditions.append("r.released_at IS NULL")
        released = ""
        if files.decisions:
            released = (
                f" ANTI JOIN (SELECT prediction_id FROM {parquet_relation(files.decisions)}"  # noqa: S608
                f" WHERE kind = '{RELEASED}') AS d ON d.prediction_id = r.prediction_id"
            )
        found = cursor.execute(
            f"SELECT coalesce(r.version, ''), count(*) FROM {relation} AS r"  # noqa: S608
            f" SEMI JOIN {_ROUTED} AS b ON b.id = r._batch"
            f" ANTI JOIN {_SETTLED} AS s ON s.id = r.prediction_id{released}"
            f" WHERE {' AND '.join(conditions)} GROUP BY 1"
        ).fetchall()
    return {str(version): int(count) for version, count in found}


def _names(given: Collection[str]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(given), pa.string())})
