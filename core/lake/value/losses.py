"""What decisions earned and what they lost, row by row, in one pass."""

from dataclasses import dataclass, replace

import duckdb

from core.lake.kpis.rows import KpiRows, kpi_relation
from core.lake.labels.score_grid import usable_score_sql
from core.lake.rows import stale_files
from core.lake.value.cells import ValueRule, held_sql, money_sql


@dataclass(frozen=True, slots=True)
class EarnedAndLost:
    """Money of decisions as the model took them, of rows whose outcome is final.

    Rows of the hold-out are left out: the model decided nothing about them.

    Parameters
    ----------
    n, valued : int
        Rows with a known outcome, and those of them whose worth can be told.
    earned, lost : float
        Sum of the rows that were worth more than nothing, and of those worth less, the latter
        without its sign.
    """

    n: int
    valued: int
    earned: float
    lost: float


def earned_and_lost(
    connection: duckdb.DuckDBPyConnection, rows: KpiRows, rule: ValueRule
) -> EarnedAndLost:
    """Sum what single decisions earned and lost.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows; the maturity it names is not looked at.
    rule : ValueRule
        What decisions are worth, and in which money.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    names = {"score", "flagged", "label", *rule.flagged.columns, *rule.not_flagged.columns}
    names |= frozenset() if rule.hold_out is None else rule.hold_out.columns
    found = kpi_relation(replace(rows, maturity="outcome"), names)
    if found is None:
        return EarnedAndLost(0, 0, 0.0, 0.0)
    zone, flagged = rows.contract.timezone, found.columns["flagged"]
    query = f"""
        SELECT count(*) AS n, count(x) AS valued,
               coalesce(sum(x) FILTER (x > 0), 0) AS earned,
               coalesce(-sum(x) FILTER (x < 0), 0) AS lost
        FROM (
            SELECT CASE WHEN {flagged} THEN {money_sql(rule, rule.flagged, found, zone)}
                        ELSE {money_sql(rule, rule.not_flagged, found, zone)} END AS x
            {found.source} AND {usable_score_sql(found.columns["score"])}
                AND ({flagged}) IS NOT NULL AND {found.period} >= 0
                AND {held_sql(rule, found)} = 0
        )
    """  # noqa: S608 - names, numbers and literals of our own
    with connection.cursor() as cursor, stale_files():
        n, valued, earned, lost = cursor.execute(query).fetchall()[0]
    return EarnedAndLost(int(n), int(valued), float(earned), float(lost))
