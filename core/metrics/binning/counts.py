"""Counts per bin with their sum, minimum and maximum: all that a profile keeps of a feature."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.binning.bins import CODE_OFFSET, FeatureBins, NumericBins
from core.metrics.binning.codes import assign


@dataclass(frozen=True, slots=True, eq=False)
class BinnedCounts:
    """Counts of one feature, aligned to the codes -2, -1, 0, …; leading axes are chunks.

    Parameters
    ----------
    n : ndarray, shape (..., C)
        Rows per bin; C is ``bins.bin_count + 2``.
    total, low, high : ndarray, shape (..., C), optional
        Sum, minimum and maximum of the values in the bin, in the feature's unit. An empty bin has
        sum 0 and low = high = NaN. None for categorical features.
    """

    n: Floats
    total: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None

    def __post_init__(self) -> None:
        for part in (self.total, self.low, self.high):
            if part is not None and part.shape != self.n.shape:
                raise InvalidInput(N_("The parts of binned counts differ in shape."))

    @property
    def row_count(self) -> Floats:
        """Rows per chunk, missing ones included, shape (...)."""
        return np.asarray(self.n.sum(axis=-1), dtype=np.float64)

    def at(self, place: "int | slice | Integers") -> "BinnedCounts":
        """Return some of the chunks on the first axis.

        Parameters
        ----------
        place : int, slice or ndarray of int
            Which; one number gives one axis less.
        """
        parts = (self.total, self.low, self.high)
        return BinnedCounts(
            self.n[place], *(None if part is None else part[place] for part in parts)
        )

    def merged(self, axis: int = 0) -> "BinnedCounts":
        """Merge along a chunk axis: counts and sums add up, low and high are the extremes.

        Parameters
        ----------
        axis : int
            Chunk axis to merge; not the last one, which is the bins.

        Returns
        -------
        BinnedCounts
            One axis less.
        """
        return BinnedCounts(
            n=self.n.sum(axis=axis),
            total=None if self.total is None else self.total.sum(axis=axis),
            low=None if self.low is None else np.fmin.reduce(self.low, axis=axis),
            high=None if self.high is None else np.fmax.reduce(self.high, axis=axis),
        )

    def merged_runs(self, starts: Integers) -> "BinnedCounts":
        """Merge runs of neighbouring chunks, as days make months.

        Parameters
        ----------
        starts : ndarray of int, shape (runs,)
            Place of each run's first chunk on the first axis, ascending; a run ends where the
            next one begins.

        Returns
        -------
        BinnedCounts
            Shape (runs, ..., C).
        """
        return BinnedCounts(
            n=np.add.reduceat(self.n, starts, axis=0),
            total=None if self.total is None else np.add.reduceat(self.total, starts, axis=0),
            low=None if self.low is None else np.fmin.reduceat(self.low, starts, axis=0),
            high=None if self.high is None else np.fmax.reduceat(self.high, starts, axis=0),
        )

    def __add__(self, other: "BinnedCounts") -> "BinnedCounts":
        return _stack(self, other).merged(axis=0)


def _stack(left: BinnedCounts, right: BinnedCounts) -> BinnedCounts:
    def pair(first: Floats | None, second: Floats | None) -> Floats | None:
        return None if first is None or second is None else np.stack([first, second])

    return BinnedCounts(
        n=np.stack([left.n, right.n]),
        total=pair(left.total, right.total),
        low=pair(left.low, right.low),
        high=pair(left.high, right.high),
    )


def count_rows(
    bins: FeatureBins, values: ArrayLike, *, null: ArrayLike | None = None
) -> BinnedCounts:
    """Count raw values into bins: the reference implementation of one profile row set.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    values : array_like, shape (n,)
        Raw values.
    null : array_like of bool, shape (n,), optional
        True where the value is NULL.

    Returns
    -------
    BinnedCounts
        Shape (bin_count + 2,). Infinite values count but leave sum, low and high infinite.
    """
    positions = assign(bins, values, null=null) + CODE_OFFSET
    size = bins.bin_count + CODE_OFFSET
    n = np.bincount(positions, minlength=size).astype(np.float64)
    if not isinstance(bins, NumericBins):
        return BinnedCounts(n)
    return BinnedCounts(n, *_extremes(positions, np.asarray(values), size))


def _extremes(positions: Integers, values: AnyArray, size: int) -> tuple[Floats, Floats, Floats]:
    valued = positions >= CODE_OFFSET
    where = positions[valued]
    numbers = values[valued].astype(np.float64)
    total = np.zeros(size)
    low = np.full(size, np.nan)
    high = np.full(size, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        np.add.at(total, where, numbers)
    np.fmin.at(low, where, numbers)
    np.fmax.at(high, where, numbers)
    return total, low, high
