"""The numbers of KPIs for the window, its periods, and the parts of both, from few passes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.expression import Atom, Combined, KpiExpression, Reference
from core.lake.duck import Duck
from core.lake.kpi_order import Cells, ordered_figures
from core.lake.kpi_rows import KpiRows
from core.lake.kpi_sums import KpiSums, kpi_sums
from core.metrics.arrays import Floats, Integers
from core.metrics.intervals import Interval, wilson
from core.metrics.kpi import (
    delta_interval,
    formula_gradient,
    formula_values,
    linear_atoms,
    plain_share,
    plans_of,
)
from core.services.kpis.parts import Parts


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The figures of one KPI; arrays of shape (cells,).

    Parameters
    ----------
    figure : Interval
        Values with limits, and the rows behind them.
    rows : ndarray
        Rows that were looked at.
    """

    figure: Interval
    rows: Floats


def numbers_of(
    connection: Duck, rows: KpiRows, expressions: Sequence[KpiExpression], parts: Parts
) -> tuple[Cells, tuple[Numbers, ...]]:
    """Compute KPIs that read the same rows.

    Parameters
    ----------
    connection : Duck
        From :mod:`core.lake.duck`.
    rows : KpiRows
        Which rows.
    expressions : sequence of KpiExpression
        The KPIs.
    parts : Parts
        What periods are parted by.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    planned = [
        (kpi_sums(connection, rows, plan, parts.by), batch) for plan, batch in plans_of(expressions)
    ]
    keys = {str(key) for sums, _ in planned for key in sums.part} if parts.kind else set()
    cells = Cells(len(rows.chunks), tuple(sorted(keys, key=parts.order)))
    others = tuple(
        dict.fromkeys(each for kpi in expressions for each in kpi.atoms if not each.is_linear)
    )
    found = ordered_figures(connection, rows, others, parts.by, cells) if others else ()
    laid = dict(zip(others, found, strict=True))
    by_kpi = {
        kpi.text: _numbers(kpi, sums, cells, laid) for sums, batch in planned for kpi in batch
    }
    return cells, tuple(by_kpi[kpi.text] for kpi in expressions)


def _numbers(
    kpi: KpiExpression, sums: KpiSums, cells: Cells, others: Mapping[Atom, Interval]
) -> Numbers:
    linear = linear_atoms(kpi)
    added = _spread(cells, sums, lambda group, count: sums.summed.atoms(linear, group, count))
    rows = _spread(cells, sums, lambda group, count: _rows(sums, group, count))
    given = np.full((cells.count, len(kpi.atoms)), np.nan)
    for place, atom in enumerate(kpi.atoms):
        given[:, place] = added[:, linear.index(atom)] if atom.is_linear else others[atom].value
    return Numbers(_interval(kpi, given, rows, sums, cells, others), rows)


def _interval(
    kpi: KpiExpression,
    given: Floats,
    rows: Floats,
    sums: KpiSums,
    cells: Cells,
    others: Mapping[Atom, Interval],
) -> Interval:
    share = plain_share(kpi)
    if share is not None:
        return wilson(given[:, share.part], given[:, share.whole])
    if isinstance(kpi.root, Reference) and not kpi.atoms[kpi.root.index].is_linear:
        return others[kpi.atoms[kpi.root.index]]
    value = formula_values(kpi.root, given)
    n = rows_behind(kpi, given, rows)
    if not kpi.is_linear:
        unknown = np.full(cells.count, np.nan)
        return Interval(value, unknown, unknown, n)
    products = _spread(cells, sums, lambda group, count: sums.summed.cross(kpi.atoms, group, count))
    return delta_interval(value, formula_gradient(kpi.root, given), products, n)


def rows_behind(kpi: KpiExpression, given: Floats, rows: Floats) -> Floats:
    """Return the rows behind a figure: those that a mean divides by, else all."""
    root = kpi.root
    if not isinstance(root, Combined) or root.operator != "/":
        return rows
    below = root.right
    if not isinstance(below, Reference) or kpi.atoms[below.index].kind != "count":
        return rows
    return np.asarray(given[:, below.index])


def _rows(sums: KpiSums, group: Integers, count: int) -> Floats:
    chosen = group >= 0
    return np.bincount(group[chosen], sums.summed.n[chosen], count).astype(np.float64)


def _spread(cells: Cells, sums: KpiSums, add: Callable[[Integers, int], Floats]) -> Floats:
    """Return sums for the window, its periods, and the parts of both, shape (cells, ...)."""
    every: Integers = np.zeros(sums.period.size, dtype=np.int64)
    found = [add(every, 1), add(sums.period, cells.periods)]
    for key in cells.parts:
        mine = sums.part == key
        found.append(add(np.where(mine, 0, -1), 1))
        found.append(add(np.where(mine, sums.period, -1), cells.periods))
    return np.concatenate(found)
