"""Figures of KPIs that are no sums: quantiles, extremes, and how many values there are.

They do not add up, so the window, its periods and the parts of both are each computed from the
rows. For quantiles those are dealt out once by part and period.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.domain.expression import Atom
from core.domain.expression.tree import columns_of
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, Relation, kpi_relation
from core.lake.kpis.sums import PartBy, part_sql
from core.lake.paths import quoted
from core.lake.rows import stale_files
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.kpi import quantile_figure


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the figures of a KPI lie in one array: the window, its periods, and their parts.

    Parameters
    ----------
    periods : int
        Number of chunks.
    parts : tuple of str
        Keys of the parts, in the order of display.
    """

    periods: int
    parts: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of figures."""
        return (1 + self.periods) * (1 + len(self.parts))

    def at(self, period: int | None, part: int | None) -> int:
        """Return the place of a period's figure, or of a part's in it; ``None`` is all."""
        row = 0 if part is None else 1 + part
        return row * (1 + self.periods) + (0 if period is None else 1 + period)


def ordered_figures(
    connection: duckdb.DuckDBPyConnection,
    rows: KpiRows,
    atoms: Sequence[Atom],
    by: PartBy,
    cells: Cells,
) -> tuple[Interval, ...]:
    """Compute atoms that are no sums.

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
    cells : Cells
        Where the figures go.

    Returns
    -------
    tuple of Interval, shape (cells,)
        One an atom. Extremes and numbers of values have no limits.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    names = columns_of(*(node for atom in atoms for node in (atom.value, atom.where)))
    relation = kpi_relation(rows, {*names, *by.names}, reads=by.reads)
    if relation is None:
        return tuple(_nothing(cells) for _ in atoms)
    with connection.cursor() as cursor, stale_files():
        return tuple(
            _quantile(cursor, _rows_query(rows, relation, atom, by, cells), atom.level, by, cells)
            if atom.kind == "quantile" and atom.level is not None
            else _counted(cursor, _rows_query(rows, relation, atom, by, cells), atom, by, cells)
            for atom in atoms
        )


def _rows_query(rows: KpiRows, relation: Relation, atom: Atom, by: PartBy, cells: Cells) -> str:
    """Return the query of the rows that count in an atom: period, place of the part, value."""
    if atom.value is None:
        raise TypeError(atom.kind)
    value = row_sql(atom.value, relation.columns)
    if atom.where is not None:
        value = f"CASE WHEN {row_sql(atom.where, relation.columns)} THEN {value} END"
    return (
        f"SELECT CAST(period AS INTEGER) AS period, {_place(by, cells)} AS part, v FROM"  # noqa: S608
        f" (SELECT {relation.period} AS period, {part_sql(rows, relation, by)} AS part,"
        f" {value} AS v {relation.source}) WHERE v IS NOT NULL"
    )


def _place(by: PartBy, cells: Cells) -> str:
    """Return the place of a part among those shown, or its code; -1 for any other."""
    if by.segment is not None or not cells.parts:
        return "part" if by.segment is not None else "-1"
    cases = [f"WHEN {quoted(key)} THEN {place}" for place, key in enumerate(cells.parts)]
    return f"CASE part {' '.join(cases)} ELSE -1 END"


def _codes(by: PartBy, cells: Cells) -> list[int]:
    """Return the number of each part that is shown, as :func:`_place` has it."""
    if by.segment is not None:
        return [int(key) for key in cells.parts]
    return list(range(len(cells.parts)))


def _quantile(
    cursor: duckdb.DuckDBPyConnection, query: str, level: float, by: PartBy, cells: Cells
) -> Interval:
    """Return a quantile of the window, its periods and the parts of both.

    Rows are dealt out once, by part and period.
    """
    dealt_out = f"SELECT part, period, list(v::DOUBLE) AS rows FROM ({query}) GROUP BY part, period"  # noqa: S608
    found = cursor.execute(dealt_out).fetchnumpy()
    shown = {code: at for at, code in enumerate(_codes(by, cells))}
    dealt: defaultdict[int, list[Floats]] = defaultdict(list)
    for code, period, rows in zip(
        *(found[name] for name in ("part", "period", "rows")), strict=True
    ):
        for part in (None, shown[code]) if code in shown else (None,):
            dealt[cells.at(None, part)].append(rows)
            dealt[cells.at(period, part)].append(rows)
    laid = _nothing(cells)
    for cell, pieces in dealt.items():
        figure = quantile_figure(np.concatenate(pieces), level)
        laid.value[cell], laid.n[cell] = figure.value, figure.n
        laid.low[cell], laid.high[cell] = figure.low, figure.high
    return laid


def _counted(
    cursor: duckdb.DuckDBPyConnection, query: str, atom: Atom, by: PartBy, cells: Cells
) -> Interval:
    figure = {"minimum": "min(v)", "maximum": "max(v)"}.get(atom.kind, "count(DISTINCT v)")
    sets = "(period), ()" + (", (period, part), (part)" if cells.parts else "")
    part = "part" if cells.parts else "-1 AS part"
    grouped = (
        f"SELECT period, {part}, {figure}::DOUBLE, count(*), period IS NULL,"  # noqa: S608
        f" {'part IS NULL' if cells.parts else 'TRUE'}"
        f" FROM ({query}) GROUP BY GROUPING SETS ({sets})"
    )
    laid, shown = _nothing(cells), {code: at for at, code in enumerate(_codes(by, cells))}
    for period, code, value, n, every_period, every_part in cursor.execute(grouped).fetchall():
        if not every_part and code not in shown:
            continue
        cell = cells.at(None if every_period else period, None if every_part else shown[code])
        laid.value[cell], laid.n[cell] = (np.nan if value is None else value), n
    return laid


def _nothing(cells: Cells) -> Interval:
    def unknown() -> Floats:
        return np.full(cells.count, np.nan)

    return Interval(unknown(), unknown(), unknown(), np.zeros(cells.count))
