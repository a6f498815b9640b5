"""What single decisions were worth, and what the other decision would have been."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, kpi_relation
from core.lake.rows import stale_files
from core.lake.value.cells import ValueRule, finite_sql


@dataclass(frozen=True, slots=True)
class CaseWorth:
    """Money of one prediction whose outcome is known, decided the one way and the other.

    Parameters
    ----------
    flagged : bool
        Whether the model flagged it.
    if_flagged, if_not : float
        What it is worth flagged, and not flagged.
    """

    flagged: bool
    if_flagged: float
    if_not: float

    @property
    def by_model(self) -> float:
        """What it is worth as the model decides."""
        return self.if_flagged if self.flagged else self.if_not

    @property
    def overturned(self) -> float:
        """What it is worth decided the other way."""
        return self.if_not if self.flagged else self.if_flagged


def case_worths(
    connection: duckdb.DuckDBPyConnection,
    rows: KpiRows,
    rule: ValueRule,
    prediction_ids: Sequence[str],
) -> dict[str, CaseWorth]:
    """Return prediction → its worth both ways, of those whose outcome is final and says it.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows; the maturity it names is not looked at.
    rule : ValueRule
        What decisions are worth.
    prediction_ids : sequence of str
        Of which predictions; values of the query, never a part of its text.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not prediction_ids:
        return {}
    names = {"flagged", "label"} | rule.flagged.columns | rule.not_flagged.columns
    found = kpi_relation(replace(rows, maturity="outcome"), names)
    if found is None:
        return {}
    of = found.columns
    if_flagged = finite_sql(row_sql(rule.flagged.node, of))
    if_not = finite_sql(row_sql(rule.not_flagged.node, of))
    query = f"""
        SELECT r.prediction_id, {of["flagged"]} AS flagged, {if_flagged} AS a, {if_not} AS b
        {found.source} AND {of["label"]} IS NOT NULL AND {found.period} >= 0
            AND r.prediction_id IN (SELECT unnest($wanted))
    """
    with connection.cursor() as cursor, stale_files():
        told = cursor.execute(query, {"wanted": list(prediction_ids)}).fetchall()
    return {
        str(row[0]): CaseWorth(bool(row[1]), float(row[2]), float(row[3]))
        for row in told
        if None not in row
    }
