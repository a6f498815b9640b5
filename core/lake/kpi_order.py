"""Figures of KPIs that are no sums: quantiles, extremes, and how many values there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.domain.expression import Atom
from core.domain.expression.tree import columns_of
from core.lake.expression_sql import row_sql
from core.lake.kpi_rows import KpiRows, Relation, kpi_relation
from core.lake.kpi_sums import PartBy, part_sql
from core.lake.rows import stale_files
from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.intervals import normal_quantile

EVERY = -1
"""Period of the figures of all periods together."""
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """The figures of one atom by period and part; arrays of shape (k,).

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk, or :data:`EVERY`.
    part : ndarray of str
        Key of the part; empty for all rows together.
    whole : ndarray of bool
        Whether the entry is of all parts together.
    value, low, high, n : ndarray
        The figure, its limits where there are any, and the rows behind it.
    """

    period: Integers
    part: AnyArray
    whole: AnyArray
    value: Floats
    low: Floats
    high: Floats
    n: Floats


def ordered_figures(
    connection: duckdb.DuckDBPyConnection, rows: KpiRows, atoms: Sequence[Atom], by: PartBy
) -> tuple[Ordered, ...]:
    """Compute atoms that are no sums.

    Quantiles lie between two rows where the level does (as ``numpy.quantile``); their limits are
    rows by order (David and Nagaraja 2003, 7.1). Extremes and numbers of values have none.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows.
    atoms : sequence of Atom
        No sums among them.
    by : PartBy
        What periods are parted by.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    names = columns_of(*(node for atom in atoms for node in (atom.value, atom.where)))
    relation = kpi_relation(rows, {*names, *by.names}, reads=by.reads)
    if relation is None:
        return tuple(_nothing() for _ in atoms)
    query = _query(rows, relation, atoms, by)
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).df()
    period = found["period"].fillna(EVERY).to_numpy(dtype=np.int64)
    part, whole = found["part"].fillna("").to_numpy(dtype=object), found["whole"].to_numpy() > 0
    columns = {name: found[name].to_numpy(dtype=np.float64) for name in _of_atoms(len(atoms))}
    return tuple(
        Ordered(period, part, whole, *(columns[f"{name}{place}"] for name in _FIGURES))
        for place in range(len(atoms))
    )


_FIGURES = ("value", "low", "high", "n")


def _of_atoms(count: int) -> list[str]:
    return [f"{name}{place}" for place in range(count) for name in _FIGURES]


def _query(rows: KpiRows, relation: Relation, atoms: Sequence[Atom], by: PartBy) -> str:
    given = "".join(f", {_given(atom, relation)} AS v{place}" for place, atom in enumerate(atoms))
    inner = (
        f"SELECT {relation.period} AS period, {part_sql(rows, relation, by)} AS part{given}"
        f" {relation.source}"
    )
    sets, part = "(period), ()", "'' AS part, 1 AS whole"
    if by.segment is not None or by.column:
        sets, part = f"{sets}, (period, part), (part)", "part, grouping(part) AS whole"
    gathered = "".join(f", {_gathered(atom, place)}" for place, atom in enumerate(atoms))
    grouped = (
        f"SELECT period, {part}{gathered}"  # noqa: S608
        f" FROM ({inner}) GROUP BY GROUPING SETS ({sets})"
    )
    figures = "".join(f", {_figures(atom, place)}" for place, atom in enumerate(atoms))
    return f"SELECT period, part, whole{figures} FROM ({grouped})"  # noqa: S608


def _given(atom: Atom, relation: Relation) -> str:
    """Return the value of a row that counts; NULL for one that does not."""
    if atom.value is None:
        raise TypeError(atom.kind)
    value = row_sql(atom.value, relation.columns)
    if atom.where is None:
        return value
    return f"CASE WHEN {row_sql(atom.where, relation.columns)} THEN {value} END"


def _gathered(atom: Atom, place: int) -> str:
    name, rows = f"v{int(place)}", f"count(v{int(place)}) AS rows{int(place)}"
    match atom.kind:
        case "quantile":
            return f"list_sort(list({name}) FILTER ({name} IS NOT NULL)) AS g{int(place)}, {rows}"
        case "minimum":
            return f"min({name}) AS g{int(place)}, {rows}"
        case "maximum":
            return f"max({name}) AS g{int(place)}, {rows}"
        case _:
            return f"count(DISTINCT {name}) AS g{int(place)}, {rows}"


def _figures(atom: Atom, place: int) -> str:
    at = int(place)
    if atom.kind != "quantile" or atom.level is None:
        unknown = "CAST('nan' AS DOUBLE)"
        return (
            f"g{at}::DOUBLE AS value{at}, {unknown} AS low{at}, {unknown} AS high{at},"
            f" rows{at} AS n{at}"
        )
    level, z = float(atom.level), normal_quantile(_CONFIDENCE)
    first = f"floor((rows{at} - 1) * {level!r})"
    below, above = (f"g{at}[CAST({first} AS BIGINT) + {step}]" for step in (1, 2))
    half = f"{z!r} * sqrt(rows{at} * {level * (1 - level)!r})"
    low = f"greatest(floor(rows{at} * {level!r} - {half}), 1)"
    high = f"least(ceil(rows{at} * {level!r} + {half}) + 1, rows{at})"
    value = f"{below} + ((rows{at} - 1) * {level!r} - {first}) * coalesce({above} - {below}, 0)"
    return (
        f"{value} AS value{at}, g{at}[CAST({low} AS BIGINT)] AS low{at},"
        f" g{at}[CAST({high} AS BIGINT)] AS high{at}, rows{at} AS n{at}"
    )


def _nothing() -> Ordered:
    none: Floats = np.zeros(0)
    period: Integers = np.zeros(0, dtype=np.int64)
    empty: AnyArray = np.zeros(0, dtype=object)
    return Ordered(period, empty, none > 0, none, none, none, none)
