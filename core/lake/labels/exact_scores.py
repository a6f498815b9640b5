"""Figures of the order of scores from raw rows, computed inside DuckDB: no cell, no bound.

Ten million rows are ordered by their score in one query, and only the figures leave it.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from core.lake.labels.rows import LabelledRows, known_sql, place_sql
from core.lake.rows import stale_files
from core.metrics.arrays import Floats, Integers

_GROUPS = 10  # of the expected calibration error


@dataclass(frozen=True, slots=True, eq=False)
class ExactScores:
    """Figures of periods from raw rows; arrays of shape (k,), one entry a period with labels.

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk.
    positives, negatives : ndarray
        Rows by their outcome.
    roc_auc, average_precision, ks_of_score, expected_calibration_error : ndarray
        As :mod:`core.metrics.performance` defines them with a bin a distinct score; NaN where a
        class is absent.
    """

    period: Integers
    positives: Floats
    negatives: Floats
    roc_auc: Floats
    average_precision: Floats
    ks_of_score: Floats
    expected_calibration_error: Floats


# Of a period with mature rows only those count, also if none of them has a usable score.
_USED = (
    "SELECT * FROM (SELECT * FROM ({rows}) WHERE period >= 0 QUALIFY matured OR NOT {any})"
    " WHERE score BETWEEN 0 AND 1"
)
_ANY = "bool_or(matured) OVER (PARTITION BY period)"
_FIGURES = """
WITH labelled AS ({rows}), one AS (
    SELECT period, score, sum(label) AS hits, count(*) - sum(label) AS misses
    FROM labelled GROUP BY period, score
), run AS (
    SELECT *, sum(hits) OVER upwards AS hits_to, sum(misses) OVER upwards AS misses_to,
           sum(hits) OVER whole AS m, sum(misses) OVER whole AS k
    FROM one
    WINDOW upwards AS (PARTITION BY period ORDER BY score
                       ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
           whole AS (PARTITION BY period)
), grouped AS (
    SELECT *, least(floor((hits_to + misses_to - (hits + misses) / 2) / (m + k) * {groups}),
                    {groups} - 1) AS place,
           m - hits_to + hits AS hits_from, k - misses_to + misses AS misses_from
    FROM run
), calibration AS (
    SELECT period, sum(gap) AS expected_calibration_error FROM (
        SELECT period, abs(sum(hits) - sum(score * (hits + misses))) / any_value(m + k) AS gap
        FROM grouped GROUP BY period, place)
    GROUP BY period
)
SELECT period, any_value(m) AS positives, any_value(k) AS negatives,
       sum(hits * (misses_to - misses / 2)) / nullif(any_value(m * k), 0) AS roc_auc,
       CASE WHEN any_value(m) > 0
            THEN sum(hits * hits_from / (hits_from + misses_from)) / any_value(m) END
           AS average_precision,
       CASE WHEN any_value(m * k) > 0 THEN max(abs(hits_to / m - misses_to / k)) END
           AS ks_of_score,
       any_value(expected_calibration_error) AS expected_calibration_error
FROM grouped JOIN calibration USING (period)
GROUP BY period ORDER BY period
"""


def exact_scores(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> ExactScores:
    """Compute what depends on the order of scores from raw rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    wanted : LabelledRows
        Which rows. Of a period with mature rows only those count, as in the figures from counts.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not wanted.resolved or not wanted.chunks:
        return ExactScores(*(np.empty(0, dtype=kind) for kind in _TYPES.values()))
    columns = f"{place_sql(wanted)}, r.score AS score, r.label AS label"
    used = _USED.format(rows=known_sql(wanted, columns), any=_ANY)
    query = _FIGURES.format(rows=used, groups=_GROUPS)
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).df()
    return ExactScores(*(np.asarray(found[name], dtype=kind) for name, kind in _TYPES.items()))


_TYPES: dict[str, type] = {
    "period": np.int64,
    **dict.fromkeys(
        (
            "positives",
            "negatives",
            "roc_auc",
            "average_precision",
            "ks_of_score",
            "expected_calibration_error",
        ),
        np.float64,
    ),
}
