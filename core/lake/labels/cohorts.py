"""Cohorts: the predictions of a period, followed until their outcomes are known."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pandas as pd

from core.domain.windows import Chunk
from core.lake.labels.rows import newest_labels_sql
from core.lake.rows import stale_files

_COHORTS = """
WITH period AS (
    SELECT unnest($indices) AS cohort, unnest($starts) AS since, unnest($ends) AS until
), prediction AS (
    SELECT p.prediction_id, CASE WHEN {usable} THEN p.score END AS score,
           p.amount, p.time, period.cohort
    FROM {predictions} AS p
    JOIN period ON p.time >= period.since AND p.time < period.until
    WHERE p.time <= $as_of {scope}
), known AS (
    SELECT prediction_id, label FROM ({known})
), joined AS (
    SELECT prediction.*, known.label, prediction.time <= $cutoff AS mature
    FROM prediction LEFT JOIN known USING (prediction_id)
), ranked AS (
    SELECT cohort, score, sum(label) AS positives, count(*) - sum(label) AS negatives,
           sum(count(*) - sum(label)) OVER (
               PARTITION BY cohort ORDER BY score
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS below
    FROM joined WHERE mature AND label IS NOT NULL AND score IS NOT NULL
    GROUP BY cohort, score
), discrimination AS (
    SELECT cohort,
           sum(positives * (coalesce(below, 0) + negatives / 2))
               / nullif(sum(positives) * sum(negatives), 0) AS roc_auc,
           sum(positives) AS auc_positives, sum(negatives) AS auc_negatives
    FROM ranked GROUP BY cohort
)
SELECT joined.cohort, count(*) AS n, avg(joined.score) AS mean_score,
       median(joined.amount) AS median_amount,
       count(*) FILTER (WHERE mature) AS matured,
       count(*) FILTER (WHERE mature AND label IS NOT NULL) AS labelled,
       sum(label) FILTER (WHERE mature) AS positives,
       avg(joined.score) FILTER (WHERE mature AND label IS NOT NULL) AS matured_mean_score,
       count(label) FILTER (WHERE NOT mature) AS early_labels,
       any_value(roc_auc) AS roc_auc, any_value(auc_positives) AS auc_positives,
       any_value(auc_negatives) AS auc_negatives
FROM joined LEFT JOIN discrimination USING (cohort)
GROUP BY joined.cohort ORDER BY joined.cohort
"""
_NO_LABELS = "SELECT NULL::VARCHAR AS prediction_id, NULL::DOUBLE AS label WHERE false"


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
    sql = _COHORTS.format(
        predictions="read_parquet($predictions, union_by_name := true)",
        known=newest_labels_sql(resolved, as_of) if resolved else _NO_LABELS,
        scope=scope,
        usable="p.score BETWEEN 0 AND 1" if probabilities else "NOT isnan(p.score)",
    )
    with connection.cursor() as cursor, stale_files():
        return cursor.execute(sql, parameters).df()
