"""How many mature predictions of each period have a label."""

from collections.abc import Sequence

import duckdb
import numpy as np

from core.lake.labels.rows import LabelledRows, column, group_rows, is_text, key_columns
from core.lake.paths import parquet_relation
from core.lake.period_sql import period_sql
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.metrics.arrays import Floats


def label_shares(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, predictions: Sequence[str]
) -> tuple[Floats, Floats]:
    """Count mature predictions by period, and those of them with a label.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    wanted : LabelledRows
        Periods, conditions on rows, and up to when labels are known.
    predictions : sequence of str
        Paths of the lake files of the predictions; may be empty.

    Returns
    -------
    tuple of ndarray, shape (periods,)
        Labelled rows, and all.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    periods = len(wanted.chunks)
    labelled, mature = np.zeros(periods), np.zeros(periods)
    if not predictions or not periods:
        return labelled, mature
    known = group_rows(connection, wanted, "", "count(*) AS n")
    place, _, old = key_columns(known)
    np.add.at(labelled, place[old], column(known, "n", np.float64)[old])
    spans = [(wanted.chunks[0].start, wanted.chunks[-1].end)]
    condition = wanted.rows.condition(spans, text=is_text(wanted.contract, wanted.rows))
    query = (
        f"SELECT period, count(*) AS n FROM (SELECT {period_sql(wanted.chunks)} AS period"  # noqa: S608
        f" FROM {parquet_relation(predictions)} AS r"
        f" WHERE {condition} AND r.time <= {instant_literal(wanted.matured_before)})"
        " WHERE period >= 0 GROUP BY period"
    )
    with connection.cursor() as cursor, stale_files():
        for period, n in cursor.execute(query).fetchall():
            mature[int(period)] = n
    return labelled, mature
