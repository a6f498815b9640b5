"""The numbers of KPIs for the window, its periods, and the parts of both, from few passes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.expression import Atom, KpiExpression, Reference
from core.lake.duck import Duck
from core.lake.kpis.order import Cells, ordered_figures
from core.lake.kpis.rows import KpiRows
from core.lake.kpis.sums import KpiSums, kpi_sums
from core.metrics.arrays import Floats, Integers
from core.metrics.intervals import Interval, wilson
from core.metrics.kpi import (
    Summed,
    delta_interval,
    divisors,
    formula_gradient,
    formula_values,
    linear_atoms,
    plain_share,
    plans_of,
    share_interval,
)
from core.services.kpis.parts import Parts

_AT_ONCE = 4_096  # cells whose groups of subjects are held at once


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
    connection: Duck,
    rows: KpiRows,
    expressions: Sequence[KpiExpression],
    parts: Parts,
    *,
    by_subject: bool = False,
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
    by_subject : bool
        Whether rows of one subject are no independent draws.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    planned = [
        (kpi_sums(connection, rows, plan, parts.by, by_subject=by_subject), batch)
        for plan, batch in plans_of(expressions)
    ]
    keys = {str(key) for sums, _ in planned for key in sums.part} if parts.kind else set()
    cells = Cells(len(rows.chunks), tuple(sorted(keys, key=parts.order)))
    others = tuple(
        dict.fromkeys(each for kpi in expressions for each in kpi.atoms if not each.is_linear)
    )
    found = ordered_figures(connection, rows, others, parts.by, cells) if others else ()
    laid = dict(zip(others, found, strict=True))
    by_kpi = {
        kpi.text: _numbers(kpi, entries, laid)
        for entries, batch in ((_entries(sums, cells), batch) for sums, batch in planned)
        for kpi in batch
    }
    return cells, tuple(by_kpi[kpi.text] for kpi in expressions)


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Sums with the place of each entry's part among the cells; -1 for none."""

    sums: KpiSums
    part: Integers
    cells: Cells

    def spread(self, add: Callable[[Integers, int], Floats]) -> Floats:
        """Return sums for the window, its periods, and the parts of both, shape (cells, ...)."""
        period, periods, parts = self.sums.period, self.cells.periods, len(self.cells.parts)
        found = [add(np.zeros_like(period), 1), add(period, periods)]
        step = max(1, _AT_ONCE // periods)
        for first in range(0, parts, step):
            count = min(step, parts - first)
            part = np.where(self.part < first + count, self.part - first, -1)
            whole = add(part, count)
            apart = add(np.where(part < 0, -1, part * periods + period), count * periods)
            inner = whole.shape[1:]
            laid = np.concatenate(
                [whole[:, np.newaxis], apart.reshape(count, periods, *inner)], axis=1
            )
            found.append(laid.reshape(count * (1 + periods), *inner))
        return np.concatenate(found)


def _entries(sums: KpiSums, cells: Cells) -> _Entries:
    known = {key: place for place, key in enumerate(cells.parts)}
    part = [known.get(key, -1) for key in sums.part]
    return _Entries(sums, np.asarray(part, dtype=np.int64), cells)


def _numbers(kpi: KpiExpression, entries: _Entries, others: Mapping[Atom, Interval]) -> Numbers:
    linear, summed, cells = linear_atoms(kpi), entries.sums.summed, entries.cells
    added = entries.spread(lambda group, count: summed.atoms(linear, group, count))
    rows = entries.spread(lambda group, count: _rows(summed, group, count))
    behind = entries.spread(lambda group, count: summed.behind(linear, group, count))
    given, counts = (np.full((cells.count, len(kpi.atoms)), np.nan) for _ in range(2))
    for place, atom in enumerate(kpi.atoms):
        if atom.is_linear:
            given[:, place] = added[:, linear.index(atom)]
            counts[:, place] = behind[:, linear.index(atom)]
        else:
            given[:, place], counts[:, place] = others[atom].value, others[atom].n
    n = rows_behind(kpi, counts, rows)
    return Numbers(_interval(kpi, given, n, entries, others), rows)


def _interval(
    kpi: KpiExpression,
    given: Floats,
    n: Floats,
    entries: _Entries,
    others: Mapping[Atom, Interval],
) -> Interval:
    share, summed = plain_share(kpi), entries.sums.summed
    if share is not None and summed.part is None:
        return wilson(given[:, share.part], given[:, share.whole])
    if isinstance(kpi.root, Reference) and not kpi.atoms[kpi.root.index].is_linear:
        return others[kpi.atoms[kpi.root.index]]
    value = formula_values(kpi.root, given)
    if not kpi.is_linear:
        unknown = np.full_like(value, np.nan)
        return Interval(value, unknown, unknown, n)
    products = entries.spread(lambda group, count: summed.cross(kpi.atoms, group, count))
    gradient = formula_gradient(kpi.root, given)
    if share is not None:
        variance = np.einsum("...i,...ij,...j->...", gradient, products, gradient)
        rows = products[:, share.whole, share.whole]
        return share_interval(given[:, share.part], given[:, share.whole], variance, rows)
    draws = entries.spread(summed.subjects)
    found = delta_interval(value, gradient, products, draws)
    return Interval(found.value, found.low, found.high, n)


def rows_behind(kpi: KpiExpression, counts: Floats, rows: Floats) -> Floats:
    """Return the rows behind a figure: the fewest that it divides by.

    Of one sum or quantile those that it is of; of a count, which may be small, and of all else
    those that were looked at.

    Parameters
    ----------
    kpi : KpiExpression
        The KPI.
    counts : ndarray, shape (cells, A)
        Rows behind each atom; NaN where nobody counted them.
    rows : ndarray, shape (cells,)
        Rows that were looked at.
    """
    below = sorted(divisors(kpi.root))
    if below:
        return np.asarray(np.fmin(np.fmin.reduce(counts[:, below], axis=1), rows))
    if len(kpi.atoms) == 1 and kpi.atoms[0].kind != "count":
        return np.asarray(np.fmin(counts[:, 0], rows))
    return rows


def _rows(summed: Summed, group: Integers, count: int) -> Floats:
    chosen = group >= 0
    return np.bincount(group[chosen], summed.n[chosen], count).astype(np.float64)
