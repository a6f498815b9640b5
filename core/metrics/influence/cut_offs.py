"""What every cut-off would be worth, beside another way to decide, from sums by score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, Integers
from core.metrics.influence.sums import ValueSums, totals
from core.metrics.intervals import Interval


@dataclass(frozen=True, slots=True, eq=False)
class CutOffValues:
    """Every cut-off that parts the cells; arrays of shape (K,).

    Parameters
    ----------
    place : ndarray of int64
        From which place of the order of the scores on rows are flagged; the last flags nobody.
    gain : Interval
        How much more each is worth than the other way to decide, paired row by row.
    flagged : ndarray
        Share of the rows flagged.
    """

    place: Integers
    gain: Interval
    flagged: Floats

    @property
    def best(self) -> int:
        """Place, among the cut-offs, of the one worth most; the highest of several."""
        values = self.gain.value
        return int(values.size - 1 - np.argmax(values[::-1]))


def cut_off_values(
    sums: ValueSums,
    order: ArrayLike,
    other: ArrayLike,
    *,
    places: ArrayLike | None = None,
    confidence: float = 0.95,
) -> CutOffValues:
    r"""Return the gain of each cut-off over another way to decide.

    .. math:: G(c) = \sum_{s_i \ge c} (1 - v_i) g_i - \sum_{s_i < c} v_i g_i, \quad g = a - b

    Parameters
    ----------
    sums : ValueSums
        Of k cells, in any order.
    order : array_like of int, shape (k,)
        Place of each cell's score among all scores; cells of one place are flagged together.
    other : array_like, shape (k,)
        Share v of each cell's rows that the other way flags.
    places : array_like of int, shape (K,), optional
        Only the cut-offs at these places, ascending; all of them by default, and one above the
        last place.
    confidence : float
        Level of the intervals.
    """
    at = np.asarray(order, dtype=np.int64)
    size = int(at.max()) + 1 if at.size else 0
    wanted = np.arange(size + 1) if places is None else np.asarray(places, dtype=np.int64)
    v = np.asarray(other, dtype=np.float64)
    total = from_place(at, (1 - v) * sums.gap, size) - up_to_place(at, v * sums.gap, size)
    squares = from_place(at, (1 - v) ** 2 * sums.gap_squares, size)
    squares = squares + up_to_place(at, v**2 * sums.gap_squares, size)
    n = sums.n.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        flagged = from_place(at, sums.n, size) / n
    rows = np.full(wanted.shape, n)
    found = totals(total[wanted], squares[wanted], rows, confidence=confidence)
    return CutOffValues(wanted, found, flagged[wanted])


def from_place(at: Integers, parts: Floats, size: int) -> Floats:
    """Return the sums from each place on, shape (size + 1,)."""
    by_place = np.bincount(at, parts, size)
    return np.append(np.cumsum(by_place[::-1])[::-1], 0.0)


def up_to_place(at: Integers, parts: Floats, size: int) -> Floats:
    """Return the sums below each place, shape (size + 1,)."""
    by_place = np.bincount(at, parts, size)
    return np.append(0.0, np.cumsum(by_place))
