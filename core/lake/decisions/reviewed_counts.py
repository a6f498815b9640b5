"""How many predictions of each version people decided about."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The predictions of a version, and those of them that a person decided about."""

    version: str
    predictions: int
    reviewed: int


def reviewed_counts(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    decisions: Sequence[str],
    rows: RowFilter,
) -> tuple[Reviewed, ...]:
    """Count predictions by version, and those with a decision of a person or an appeal.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions, decisions : sequence of str
        Data files of the streams; perhaps none.
    rows : RowFilter
        Which rows the reader may see.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions:
        return ()
    by_people = "FALSE"
    if decisions:
        by_people = (
            f"r.prediction_id IN (SELECT prediction_id FROM {parquet_relation(decisions)}"  # noqa: S608
            " WHERE kind IN ('human', 'appeal') AND prediction_id IS NOT NULL)"
        )
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(
            f"SELECT coalesce(r.version, '') AS named, count(*), count_if({by_people})"  # noqa: S608
            f" FROM {parquet_relation(predictions)} AS r"
            f" WHERE {rows.condition(text=True) or 'TRUE'} GROUP BY named ORDER BY named"
        ).fetchall()
    return tuple(Reviewed(str(row[0]), int(row[1]), int(row[2])) for row in found)
