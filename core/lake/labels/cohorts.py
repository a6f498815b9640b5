"""Cohorts: the predictions of a period, followed until their outcomes are known."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pandas as pd

from core.domain.windows import Chunk
from core.lake.labels.rows import newest_labels_sql
from core.lake.rows import stale_files

# A resolved row has time and score of its prediction, so the two streams are counted apart. Rows of
# the same score share the mean of their ranks; the area is that of Mann and Whitney.
_COHORTS = """
WITH period AS (
    SELECT unnest($indices) AS cohort, unnest($starts) AS since, unnest($ends) AS until
), prediction AS (
    SELECT CASE WHEN {usable} THEN p.score END AS score, p.amount, p.time <= $cutoff AS mature,
           period.cohort
    FROM {predictions} AS p JOIN period ON p.time >= period.since AND p.time < period.until
    WHERE p.time <= $as_of {scope}
), counted AS (
    SELECT cohort, count(*) AS n, avg(score) AS mean_score, median(amount) AS median_amount,
           count(*) FILTER (WHERE mature) AS matured
    FROM prediction GROUP BY cohort
), outcome AS (
    SELECT CASE WHEN {usable} THEN p.score END AS score, p.label, p.time <= $cutoff AS mature,
           period.cohort
    FROM ({known}) AS p JOIN period ON p.time >= period.since AND p.time < period.until
    WHERE p.time <= $as_of {scope}
), labelled AS (
    SELECT cohort, count(*) FILTER (WHERE mature) AS labelled,
           sum(label) FILTER (WHERE mature) AS positives,
           avg(score) FILTER (WHERE mature) AS matured_mean_score,
           count(*) FILTER (WHERE NOT mature) AS early_labels
    FROM outcome GROUP BY cohort
), ranked AS (
    SELECT cohort, label,
           (rank() OVER scores + count(*) OVER scores) / 2 AS place  -- counts those that tie, too
    FROM outcome WHERE mature AND score IS NOT NULL
    WINDOW scores AS (PARTITION BY cohort ORDER BY score)
), discrimination AS (
    SELECT cohort, sum(label) AS auc_positives, count(*) - sum(label) AS auc_negatives,
           (sum(label * place) - sum(label) * (sum(label) + 1) / 2)
               / nullif(sum(label) * (count(*) - sum(label)), 0) AS roc_auc
    FROM ranked GROUP BY cohort
)
SELECT cohort, n, mean_score, median_amount, matured, coalesce(labelled, 0) AS labelled, positives,
       matured_mean_score, coalesce(early_labels, 0) AS early_labels, roc_auc, auc_positives,
       auc_negatives
FROM counted LEFT JOIN labelled USING (cohort) LEFT JOIN discrimination USING (cohort)
ORDER BY cohort
"""
_NO_LABELS = "SELECT version, jurisdiction, time, score, NULL::DOUBLE AS label FROM {} WHERE false"


def cohorts(
    connection: duckdb.DuckDBPyConnection,
    *,
    predictions: Sequence[str],
    resolved: Sequence[str],
    periods: Sequence[Chunk],
    as_of: datetime,
    matured_before: datetime,
    version: str | None = None,
    jurisdictions: Sequence[str] | None = None,
    probabilities: bool = False,
) -> pd.DataFrame:
    """Count each period's predictions, and what is known of their outcomes at ``as_of``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions, resolved : sequence of str
        Paths of the lake files of the two streams; ``resolved`` may be empty.
    periods : sequence of Chunk
        The cohorts; their ``index`` comes back as column ``cohort``.
    as_of : datetime
        Rows known later are invisible.
    matured_before : datetime
        Predictions up to this instant are mature: a missing label means "not labelled".
    version, jurisdictions : optional
        Only predictions of this version, of these jurisdictions.
    probabilities : bool
        Whether a score outside 0 to 1 is none.

    Returns
    -------
    DataFrame
        One row a non-empty cohort: ``n``, ``mean_score``, ``median_amount``, ``matured`` and
        ``labelled`` (rows), ``positives``, ``matured_mean_score`` (of labelled rows with a score),
        ``early_labels`` (labels of immature rows, which are biased towards whatever happens
        early), and the exact area under the ROC curve (ties count half) with the numbers of
        positives and negatives that have a score.
    """
    if not predictions or not periods:
        return pd.DataFrame()
    parameters: dict[str, object] = {
        "indices": [period.index for period in periods],
        "starts": [period.start for period in periods],
        "ends": [period.end for period in periods],
        "as_of": as_of,
        "cutoff": matured_before,
        "predictions": list(predictions),
    }
    scope = ""
    if version is not None:
        scope += " AND p.version = $version"
        parameters["version"] = version
    if jurisdictions is not None:
        scope += " AND list_contains($jurisdictions, p.jurisdiction)"
        parameters["jurisdictions"] = list(jurisdictions)
    rows = "read_parquet($predictions, union_by_name := true)"
    sql = _COHORTS.format(
        predictions=rows,
        known=newest_labels_sql(resolved, as_of) if resolved else _NO_LABELS.format(rows),
        scope=scope,
        usable="p.score BETWEEN 0 AND 1" if probabilities else "NOT isnan(p.score)",
    )
    with connection.cursor() as cursor, stale_files():
        return cursor.execute(sql, parameters).df()
