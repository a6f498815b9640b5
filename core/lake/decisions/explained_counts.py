"""How many predictions of a log are decisions that no person took, and how many were explained."""

from collections.abc import Collection, Sequence

import duckdb
import pyarrow as pa

from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files

_EXPLAINED = "explained_ids"


def explained_counts(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    decisions: Sequence[str],
    explained: Collection[str],
    rows: RowFilter,
) -> tuple[int, int, int]:
    """Count rows with a decision, those of them that no person took, and of these the explained.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions, decisions : sequence of str
        Data files of the streams; perhaps none.
    explained : collection of str
        Predictions of which an explanation was kept.
    rows : RowFilter
        Which rows the reader may see.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions:
        return 0, 0, 0
    files = parquet_relation(predictions)
    by_people = "FALSE"
    if decisions:
        by_people = (
            f"r.prediction_id IN (SELECT prediction_id FROM {parquet_relation(decisions)}"  # noqa: S608
            " WHERE kind IN ('human', 'appeal') AND prediction_id IS NOT NULL)"
        )
    with connection.cursor() as cursor, stale_files():
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {files}").fetchall()}
        if "decision" not in known:
            return 0, 0, 0
        cursor.register(_EXPLAINED, pa.table({"id": pa.array(sorted(explained), pa.string())}))
        found = cursor.execute(
            "SELECT count(*), count(*) FILTER (NOT by_people),"  # noqa: S608
            " count(*) FILTER (NOT by_people AND is_explained)"
            f" FROM (SELECT {by_people} AS by_people,"
            f" r.prediction_id IN (SELECT id FROM {_EXPLAINED}) AS is_explained"
            f" FROM {files} AS r WHERE r.decision IS NOT NULL"
            f" AND {rows.condition(text=True) or 'TRUE'})"
        ).fetchall()[0]
    return int(found[0]), int(found[1]), int(found[2])
