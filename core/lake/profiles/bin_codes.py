"""Bin positions of millions of numbers: the same codes as ``core.metrics.binning.assign``, faster.

A grid of equal cells over the edges' range gives, for every cell, the number of edges in the cells
before it; what is left is to compare the value with the few edges inside its own cell. The map
from value to cell never falls, also in floating point, so an edge in an earlier cell is below the
value and an edge in a later cell is not: the result is exact, whatever rounding the map does. The
grid is cut on the numbers themselves or, for long-tailed data, on their binary representation,
which is roughly logarithmic; whichever leaves fewer edges in the fullest cell.

A position is a bin code plus :data:`core.metrics.binning.CODE_OFFSET`.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.binning import CODE_OFFSET, NAN_CODE, NULL_CODE, NumericBins

_LINEAR_CELLS = 1 << 14
_BINARY_CELLS = 1 << 17
_MOST_COMPARISONS = 10
_MAGNITUDE = np.int64(0x7FFF_FFFF_FFFF_FFFF)
NULL_POSITION = NULL_CODE + CODE_OFFSET
NAN_POSITION = NAN_CODE + CODE_OFFSET


class _Grid(Protocol):
    cells: int

    def cell_of(self, values: Floats) -> Integers: ...


class NumericCoder:
    """Codes the values of one numeric feature.

    Parameters
    ----------
    bins : NumericBins
        Bins of the feature.
    """

    def __init__(self, bins: NumericBins) -> None:
        self.edges = bins.edge_array
        self._padded = np.append(self.edges, np.inf)
        grids = [grid for grid in (_linear(self.edges), _binary(self.edges)) if grid is not None]
        tables = [(_fullest_cell(grid, self.edges), grid) for grid in grids]
        self._comparisons, self._grid = min(tables, key=lambda entry: entry[0])
        cells = np.arange(self._grid.cells)
        before = np.searchsorted(self._grid.cell_of(self.edges), cells, side="left")
        self._before: NDArray[np.uint16] = (before + CODE_OFFSET).astype(np.uint16)
        self._shifted = np.concatenate([np.full(CODE_OFFSET, -np.inf), self._padded])

    def positions(self, values: Floats, null: Booleans | None = None) -> Integers:
        """Return the bin position of every value.

        Parameters
        ----------
        values : ndarray of float64, shape (n,)
            Any doubles.
        null : ndarray of bool, shape (n,), optional
            True where the value is NULL whatever ``values`` holds there.

        Returns
        -------
        ndarray of int64, shape (n,)
            0 NaN, 1 NULL, 2 below the first edge …
        """
        is_nan = np.isnan(values)
        has_nan = bool(is_nan.any())
        numbers = np.where(is_nan, self.edges[0], values) if has_nan else values
        result = self._positions_of_numbers(numbers)
        if has_nan:
            result[is_nan] = NAN_POSITION
        if null is not None:
            result[null] = NULL_POSITION
        return result

    def _positions_of_numbers(self, values: Floats) -> Integers:
        if self._comparisons > _MOST_COMPARISONS:
            return np.searchsorted(self.edges, values).astype(np.int64) + CODE_OFFSET
        result = self._before.take(self._grid.cell_of(values)).astype(np.int64)
        for _ in range(self._comparisons):
            result += values > self._shifted.take(result)
        return result


class _LinearGrid:
    def __init__(self, low: float, scale: float) -> None:
        self.cells = _LINEAR_CELLS
        self._low, self._scale = low, scale

    def cell_of(self, values: Floats) -> Integers:
        with np.errstate(over="ignore"):
            place = values - self._low
            place *= self._scale
        np.clip(place, 0, self.cells - 1, out=place)
        return place.astype(np.int64)


class _BinaryGrid:
    def __init__(self, first: int, shift: int, cells: int) -> None:
        self.cells = cells
        self._first, self._shift = first, shift

    def cell_of(self, values: Floats) -> Integers:
        place = _ordered_bits(values)
        place >>= self._shift
        np.clip(place, self._first, self._first + self.cells - 1, out=place)
        place -= self._first
        return place


def _ordered_bits(values: Floats) -> Integers:
    """Return 64-bit integers that rise with the doubles; -0.0 lies just below 0.0."""
    bits = np.ascontiguousarray(values + 0.0).view(np.int64)
    return bits ^ ((bits >> 63) & _MAGNITUDE)


def _linear(edges: Floats) -> _Grid | None:
    low, high = float(edges[0]), float(edges[-1])
    with np.errstate(over="ignore"):
        span = np.float64(high) - np.float64(low)
        scale = float(np.float64(_LINEAR_CELLS) / span) if span > 0 else 0.0
    return _LinearGrid(low, scale) if 0 < scale < float("inf") else None


def _binary(edges: Floats) -> _Grid:
    low, high = (int(bits) for bits in _ordered_bits(edges[[0, -1]]))
    shift = max(0, (high - low).bit_length() - _BINARY_CELLS.bit_length() + 1)
    first, last = low >> shift, high >> shift
    return _BinaryGrid(first, shift, last - first + 1)


def _fullest_cell(grid: _Grid, edges: Floats) -> int:
    _, counts = np.unique(grid.cell_of(edges), return_counts=True)
    return int(counts.max())
