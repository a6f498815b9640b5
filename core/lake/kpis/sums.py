"""The sums of KPIs by period, part and the conditions that hold: one pass over the rows."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np

from core.domain.expression.tree import columns_of
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, Relation, group_sql, kpi_relation
from core.lake.profiles.segments import SliceValues
from core.lake.profiles.slice_codes import slice_code_sql
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.kpi.plan import Summed, SumPlan


@dataclass(frozen=True, slots=True)
class PartBy:
    """What the rows of a period are parted by: a segment, the version, or who decided.

    Parameters
    ----------
    segment : SliceValues, optional
        A part's key is the place of its label.
    column : {"", "version", "decided_by"}
        Else: of its own name.
    """

    segment: SliceValues | None = None
    column: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of expressions that the parts are read from."""
        return (self.column,) if self.column else ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Lake columns that the parts are read from."""
        return (self.segment.column,) if self.segment else ()


@dataclass(frozen=True, slots=True, eq=False)
class KpiSums:
    """Sums by period and part; arrays of shape (k,).

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk.
    part : ndarray of str
        Key of the part; empty if the rows are not parted.
    summed : Summed
        The sums.
    """

    period: Integers
    part: AnyArray
    summed: Summed


def kpi_sums(
    connection: duckdb.DuckDBPyConnection,
    rows: KpiRows,
    plan: SumPlan,
    by: PartBy,
    *,
    by_subject: bool = False,
) -> KpiSums:
    """Add up what a plan needs.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows.
    plan : SumPlan
        What is added up.
    by : PartBy
        What periods are parted by.
    by_subject : bool
        Also by random groups of subjects, whose sums take the place of products.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    plan = replace(plan, pairs=()) if by_subject else plan
    names = columns_of(*plan.conditions, *plan.values)
    reads = (*by.reads, "subject") if by_subject else by.reads
    relation = kpi_relation(rows, {*names, *by.names}, reads=reads)
    if relation is None:
        return _nothing(plan, by_subject=by_subject)
    query = _sums_query(rows, relation, plan, by, by_subject=by_subject)
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).df()
    numbers = {name: found[name].to_numpy() for name in found.columns}
    summed = Summed(
        plan,
        numbers["mask"].astype(np.int64),
        _floats(numbers["n"]),
        tuple(_floats(numbers[f"s{place}"]) for place in range(len(plan.values))),
        {pair: _floats(numbers[f"x{pair[0]}_{pair[1]}"]) for pair in plan.pairs},
        tuple(_floats(numbers[f"c{place}"]) for place in range(len(plan.values))),
        numbers["subjects"].astype(np.int64) if by_subject else None,
    )
    return KpiSums(numbers["period"].astype(np.int64), part_keys(numbers["part"], by), summed)


def period_counts(
    connection: duckdb.DuckDBPyConnection, rows: KpiRows
) -> tuple[Integers, Integers]:
    """Count predictions by period: all, and those old enough for their outcome to be final.

    Returns
    -------
    tuple of ndarray of int64, shape (chunks,)

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    counts = np.zeros((2, len(rows.chunks)), dtype=np.int64)
    relation = kpi_relation(rows, ())
    if relation is not None:
        mature = f"r.time <= {instant_literal(rows.matured_before)}"
        query = (
            f"SELECT {relation.period} AS period, count(*), count(*) FILTER ({mature})"
            f" {relation.source} GROUP BY period"
        )
        with connection.cursor() as cursor, stale_files():
            for period, n, matured in cursor.execute(query).fetchall():
                counts[:, int(period)] = n, matured
    return counts[0], counts[1]


def _sums_query(
    rows: KpiRows, relation: Relation, plan: SumPlan, by: PartBy, *, by_subject: bool
) -> str:
    bits = [
        f"(CASE WHEN {row_sql(node, relation.columns)} THEN {1 << place} ELSE 0 END)"
        for place, node in enumerate(plan.conditions)
    ]
    values = [
        f", {row_sql(node, relation.columns)} AS v{place}" for place, node in enumerate(plan.values)
    ]
    sums = [f", coalesce(sum(v{place}), 0) AS s{place}" for place in range(len(plan.values))]
    sums += [f", count(v{place}) AS c{place}" for place in range(len(plan.values))]
    sums += [
        f", coalesce(sum(v{one} * v{two}), 0) AS x{int(one)}_{int(two)}" for one, two in plan.pairs
    ]
    grouped = "period, part, mask" + (", subjects" if by_subject else "")
    subjects = f" {group_sql(by_subject=True)} AS subjects," if by_subject else ""
    inner = (
        f"SELECT {relation.period} AS period, {part_sql(rows, relation, by)} AS part,{subjects}"
        f" {' + '.join(bits) or '0'} AS mask{''.join(values)} {relation.source}"
    )
    return (
        f"SELECT {grouped}, count(*) AS n{''.join(sums)}"  # noqa: S608
        f" FROM ({inner}) GROUP BY {grouped}"
    )


def part_sql(rows: KpiRows, relation: Relation, by: PartBy) -> str:
    """Return the SQL of the key of a row's part: a number for a segment, else a text."""
    if by.segment is not None:
        return slice_code_sql(rows.contract, [by.segment])
    return f"coalesce({relation.columns[by.column]}, '')" if by.column else "''"


def part_keys(found: AnyArray, by: PartBy) -> AnyArray:
    """Return the keys of parts as texts; empty where all parts are together."""
    if by.segment is None:
        return np.asarray(["" if each is None else str(each) for each in found], dtype=object)
    known = np.asarray(found, dtype=np.float64)
    return np.asarray(["" if np.isnan(each) else str(int(each)) for each in known], dtype=object)


def _nothing(plan: SumPlan, *, by_subject: bool) -> KpiSums:
    empty: Floats = np.zeros(0)
    none: Integers = np.zeros(0, dtype=np.int64)
    values = tuple(empty for _ in plan.values)
    pairs = dict.fromkeys(plan.pairs, empty)
    part = none if by_subject else None
    summed = Summed(plan, none, empty, values, pairs, values, part)
    return KpiSums(none, none.astype(str), summed)


def _floats(values: AnyArray) -> Floats:
    return np.asarray(values, dtype=np.float64)
