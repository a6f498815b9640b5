"""What decisions were worth as they were taken, by band of the score: known, and still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np

from core.contract import ModelContract
from core.contract.kpi_names import needs_outcome
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, kpi_relation
from core.lake.labels.score_grid import usable_score_sql
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.lake.value.cells import ValueRule, finite_sql
from core.metrics.arrays import Floats
from core.metrics.influence import Worth


@dataclass(frozen=True, slots=True, eq=False)
class WorthByBand:
    """Values of decisions as taken; groups of shape (G,): each band, not flagged, then flagged.

    Parameters
    ----------
    known : Worth
        Of rows that are old enough and whose value is known.
    lost_finally : ndarray
        What single ones of them lost, without its sign.
    n, weight, weight_squares : ndarray
        Of all others: rows, sums of weights and of their squares.
    lost : ndarray
        What single ones of these have lost so far, as an outcome came early; without its sign.
    """

    known: Worth
    lost_finally: Floats
    n: Floats
    weight: Floats
    weight_squares: Floats
    lost: Floats


_SUMS = """
    count(*) AS n, sum(w) AS weight, sum(w * w) AS weight_squares, sum(x) AS value,
    sum(x * x) AS value_squares, sum(w * x) AS products, -sum(least(x, 0)) AS lost
"""
_NAMES = ("n", "weight", "weight_squares", "value", "value_squares", "products", "lost")


def worth_by_band(
    connection: duckdb.DuckDBPyConnection, rows: KpiRows, rule: ValueRule, edges: Sequence[float]
) -> WorthByBand:
    """Sum what decisions were worth by band of the score and by whether they flag.

    A row weighs the amount at stake, or 1 where the contract logs none.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows; the maturity it names is not looked at.
    rule : ValueRule
        What decisions are worth.
    edges : sequence of float
        Rising scores at which a next band begins.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    groups = 2 * (len(edges) + 1)
    sums = np.zeros((2, len(_NAMES), groups))
    weighed = rows.contract.log.amount is not None
    names = {"score", "flagged", "label"} | ({"amount"} if weighed else set())
    names |= rule.flagged.columns | rule.not_flagged.columns
    found = kpi_relation(replace(rows, maturity="none"), names)
    if found is not None:
        of = found.columns
        weight = f"coalesce({finite_sql(of['amount'])}, 0)" if weighed else "1.0::DOUBLE"
        band = " + ".join(f"CAST({of['score']} >= {float(edge)!r} AS INTEGER)" for edge in edges)
        value = (
            f"CASE WHEN {of['flagged']} THEN {row_sql(rule.flagged.node, of)}"
            f" ELSE {row_sql(rule.not_flagged.node, of)} END"
        )
        mature = f"r.time <= {instant_literal(rows.matured_before)}"
        told = _told_without(rows.contract, rule, of)
        query = f"""
            SELECT grouped, known, {_SUMS} FROM (
                SELECT 2 * ({band or "0"}) + CAST({of["flagged"]} AS INTEGER) AS grouped,
                       {weight} AS w,
                       CASE WHEN {of["label"]} IS NOT NULL OR {told}
                            THEN {finite_sql(value)} END AS x,
                       {mature} AND x IS NOT NULL AS known
                {found.source} AND {usable_score_sql(of["score"])}
                    AND ({of["flagged"]}) IS NOT NULL AND {found.period} >= 0
            ) GROUP BY grouped, known
        """  # noqa: S608 - names, numbers and literals of our own
        with connection.cursor() as cursor, stale_files():
            for row in cursor.execute(query).fetchall():
                sums[int(row[1]), :, int(row[0])] = [each or 0.0 for each in row[2:]]
    final, still = sums[1], sums[0]
    known = Worth(*final[:-1])
    return WorthByBand(known, final[-1], still[0], still[1], still[2], still[-1])


def _told_without(contract: ModelContract, rule: ValueRule, of: Mapping[str, str]) -> str:
    """Return the SQL of whether a decision's value is known without the outcome."""
    flagged, kept = (
        not needs_outcome(each.columns, contract) for each in (rule.flagged, rule.not_flagged)
    )
    if flagged and kept:
        return "TRUE"
    if not (flagged or kept):
        return "FALSE"
    return f"({of['flagged']})" if flagged else f"(NOT ({of['flagged']}))"
