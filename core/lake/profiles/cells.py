"""Cells of a profile: one count per period, slice value and bin, kept sparse and mergeable."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import AnyArray, Floats, Integers

_Merged = tuple[Integers, Integers, Floats, Floats, Floats]
_MEASURES = ("n", "total", "low", "high")
_DENSE_CELLS = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Non-empty cells of one feature, all arrays of shape (k,).

    Parameters
    ----------
    period : ndarray of int64
        Key of the period (and group) counted, not negative, best ascending.
    value : ndarray of int64
        Code of the slice value; 0 throughout for all rows.
    position : ndarray of int64
        Bin position.
    n : ndarray of int64
        Rows.
    total : ndarray of float64
        Sum of the numbers; NaN where the bin holds none.
    low, high : ndarray of float64
        Smallest and largest number; NaN where not counted.
    """

    period: Integers
    value: Integers
    position: Integers
    n: Integers
    total: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.n)


def merge_cells(parts: Sequence[Cells], width: int, values: int) -> Cells:
    """Merge cells into one per key, sorted by period, slice value, position.

    Parameters
    ----------
    parts : sequence of Cells
        Cells of the same feature.
    width : int
        Number of bin positions.
    values : int
        Number of slice values.
    """
    period = _joined([part.period for part in parts])
    value = _joined([part.value for part in parts])
    position = _joined([part.position for part in parts])
    if not len(period):
        return parts[0]
    heads = [part.period[np.flatnonzero(np.diff(part.period, prepend=-1))] for part in parts]
    distinct = np.unique(np.concatenate(heads))
    rank = np.searchsorted(distinct, period)
    keys = (rank * values + value) * width + position
    columns = [_joined([getattr(part, name) for part in parts]) for name in _MEASURES]
    if len(distinct) * values * width <= _DENSE_CELLS:
        first, n, total, low, high = _merged_dense(keys, columns, len(distinct) * values * width)
    else:
        first, n, total, low, high = _merged_sorted(keys, columns)
    rest, slot = np.divmod(first, width)
    return Cells(distinct[rest // values], rest % values, slot, n, total, low, high)


def _merged_dense(keys: Integers, columns: list[AnyArray], span: int) -> _Merged:
    n, total, low, high = columns
    sums: Floats = np.bincount(keys, weights=n, minlength=span).astype(np.float64)
    found = np.flatnonzero(sums)
    least: Floats = np.full(span, np.nan)
    most: Floats = np.full(span, np.nan)
    np.fmin.at(least, keys, low)
    np.fmax.at(most, keys, high)
    totals: Floats = np.bincount(keys, weights=total, minlength=span)[found].astype(np.float64)
    return found, sums[found].astype(np.int64), totals, least[found], most[found]


def _merged_sorted(keys: Integers, columns: list[AnyArray]) -> _Merged:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    n, total, low, high = (column[order] for column in columns)
    with np.errstate(over="ignore", invalid="ignore"):
        totals = np.add.reduceat(total, starts)
    return (
        ordered[starts],
        np.add.reduceat(n, starts),
        totals,
        np.fmin.reduceat(low, starts),
        np.fmax.reduceat(high, starts),
    )


def count_cells(
    key: Integers,
    positions: Integers,
    width: int,
    *,
    size: int,
    numbers: Floats | None,
    extremes: bool,
) -> _Merged:
    """Count rows into dense cells and return the non-empty ones.

    Parameters
    ----------
    key : ndarray of int64, shape (n,)
        Number of the row's period (and slice value), below ``size``.
    positions : ndarray of int64, shape (n,)
        Bin position, below ``width``.
    width, size : int
        Number of positions and of keys.
    numbers : ndarray of float64, shape (n,), optional
        Values to sum, 0 where missing; ``None`` for texts.
    extremes : bool
        Whether to find the smallest and largest number.

    Returns
    -------
    tuple
        Cell (key * width + position), n, total, low, high; shape (k,) each.
    """
    cells = key * width
    cells += positions
    span = size * width
    keys: Integers | None = None
    if span > _DENSE_CELLS:
        keys, cells = np.unique(cells, return_inverse=True)
        span = len(keys)
    n: Integers = np.bincount(cells, minlength=span).astype(np.int64, copy=False)
    found = np.flatnonzero(n)
    cell = found if keys is None else keys
    nothing: Floats = np.full(len(found), np.nan)
    if numbers is None:
        return cell, n[found], nothing, nothing, nothing
    total: Floats = np.bincount(cells, weights=numbers, minlength=span)[found].astype(np.float64)
    if not extremes:
        return cell, n[found], total, nothing, nothing
    low: Floats = np.full(span, np.inf)
    high: Floats = np.full(span, -np.inf)
    np.minimum.at(low, cells, numbers)
    np.maximum.at(high, cells, numbers)
    return cell, n[found], total, low[found], high[found]


def _joined(arrays: Sequence[AnyArray]) -> AnyArray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
