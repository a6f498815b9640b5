"""Values of decisions summed by cell: what every comparison of two ways to decide is read from.

A row is worth ``a`` if it is flagged and ``b`` if it is not. A way to decide flags a share of each
cell's rows; what it is worth, and how far it lies from another way, follows from six sums.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import AnyArray, Floats
from core.metrics.intervals import Interval
from core.metrics.performance.means import mean_interval

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class ValueSums:
    """Sums over the rows of each cell; all of shape (k,).

    Parameters
    ----------
    n : ndarray
        Rows.
    flagged, flagged_squares : ndarray
        Sums of a row's value if it is flagged, a, and of a².
    kept, kept_squares : ndarray
        Sums of its value if it is not, b, and of b².
    gap_squares : ndarray
        Sums of (a - b)².
    """

    n: Floats
    flagged: Floats
    flagged_squares: Floats
    kept: Floats
    kept_squares: Floats
    gap_squares: Floats

    @property
    def gap(self) -> Floats:
        """Sums of a - b: what flagging the cell's rows adds, shape (k,)."""
        return self.flagged - self.kept

    def where(self, chosen: AnyArray) -> "ValueSums":
        """Return the cells chosen by a mask or by places, in that order."""
        return ValueSums(*(getattr(self, each.name)[chosen] for each in fields(self)))


def value_sums(flagged: ArrayLike, kept: ArrayLike) -> ValueSums:
    """Return the sums of single rows, one cell a row.

    Parameters
    ----------
    flagged, kept : array_like, shape (n,)
        What each row is worth if it is flagged, and if it is not.
    """
    a, b = (np.asarray(part, dtype=np.float64) for part in (flagged, kept))
    return ValueSums(np.ones(a.shape), a, a**2, b, b**2, (a - b) ** 2)


def value_of(sums: ValueSums, share: ArrayLike, *, confidence: float = 0.95) -> Interval:
    r"""Return what a way to decide is worth in all, with the interval of n rows drawn at random.

    .. math:: V = \sum_i x_i, \quad x_i = w_i a_i + (1 - w_i) b_i, \quad
              V \pm z \sqrt{n s_x^2}

    Parameters
    ----------
    sums : ValueSums
        Of the cells.
    share : array_like, shape (k,)
        Share w of each cell's rows that is flagged, 0…1; in between it is the expectation over
        which rows are flagged.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, scalar arrays
        ``n`` is the rows. Without limits for fewer than two rows, or rows of one value.
    """
    w = np.asarray(share, dtype=np.float64)
    x = w * sums.flagged + (1 - w) * sums.kept
    both = sums.flagged_squares + sums.kept_squares - sums.gap_squares  # 2ab
    squares = w**2 * sums.flagged_squares + (1 - w) ** 2 * sums.kept_squares + w * (1 - w) * both
    return totals(x.sum(), squares.sum(), sums.n.sum(), confidence=confidence)


def gain(
    sums: ValueSums, share: ArrayLike, other: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    r"""Return how much more one way to decide is worth than another, paired row by row.

    .. math:: G = \sum_i (w_i - v_i)(a_i - b_i)

    with the interval of n such differences, most of them 0. Where both decide alike nothing
    spreads: rows on which they agree cost no precision.

    Parameters
    ----------
    sums : ValueSums
        Of the cells.
    share, other : array_like, shape (k,)
        Shares w and v of each cell's rows that the two flag.
    confidence : float
        Level of the interval.
    """
    apart = np.asarray(share, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    total, squares = (apart * sums.gap).sum(), (apart**2 * sums.gap_squares).sum()
    return totals(total, squares, sums.n.sum(), confidence=confidence)


def gain_over_random(sums: ValueSums, share: ArrayLike, *, confidence: float = 0.95) -> Interval:
    r"""Return how much more a way to decide is worth than flagging as many rows at random.

    The expectation over all such draws is exact; no draw is made. With p the share flagged in all
    and g = a - b,

    .. math:: G = \sum_i (w_i - p) g_i = n \operatorname{cov}(w, g)

    As p is found from the same rows, each row's share of the variance is
    :math:`(w_i - p)(g_i - \bar g)`, the influence function of a covariance.

    Parameters
    ----------
    sums : ValueSums
        Of the cells.
    share : array_like, shape (k,)
        Share of each cell's rows that is flagged.
    confidence : float
        Level of the interval.
    """
    n = sums.n.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.asarray(share, dtype=np.float64)
        apart = apart - (apart * sums.n).sum() / n
        mean = sums.gap.sum() / n
    centred = sums.gap - mean * sums.n
    spread = sums.gap_squares - 2 * mean * sums.gap + mean**2 * sums.n
    if spread.sum() <= _ROUNDING * sums.gap_squares.sum():  # every row gains as much by a flag
        centred, spread = np.zeros(centred.shape), np.zeros(spread.shape)
    total, squares = (apart * centred).sum(), (apart**2 * spread).sum()
    return totals(total, squares, n, confidence=confidence)


def rows_apart(sums: ValueSums, share: ArrayLike, other: ArrayLike) -> float:
    """Return how many rows two ways decide differently."""
    apart = np.asarray(share, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    return float((np.abs(apart) * sums.n).sum())


def totals(
    total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    """Return sums with the interval of n times a mean; see :func:`mean_interval`.

    Nothing but zeros is a sum of 0 that is certain: no row differs.
    """
    mean = mean_interval(total, squares, n, confidence=confidence)
    rows = mean.n
    nothing = (rows > 0) & (np.asarray(squares, dtype=np.float64) == 0)
    low, high = (np.where(nothing, 0.0, part * rows) for part in (mean.low, mean.high))
    return Interval(np.where(rows > 0, mean.value * rows, np.nan), low, high, rows)
