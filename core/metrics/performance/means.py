"""The interval of a mean, from the sum of the values and the sum of their squares."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.intervals import Interval, normal_quantile

_ROUNDING = 1e-14  # share of a sum of squares that may be left over where nothing differs


def mean_interval(
    total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    r"""Return a mean with its normal interval.

    .. math:: \bar x \pm z \sqrt{\frac{s^2}{n}}, \quad
              s^2 = \frac{\sum_i x_i^2 - n \bar x^2}{n - 1}

    Parameters
    ----------
    total, squares : array_like, shape (...)
        Sums of the values and of their squares.
    n : array_like, shape (...)
        Rows.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (...)
        NaN without rows; a single row has a mean without limits, and so have rows of one value: no
        spread in a sample does not mean that there is none.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.
    """
    sums, powers, rows = (np.asarray(part, dtype=np.float64) for part in (total, squares, n))
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / rows
        spread = powers - rows * mean**2
        some = (rows > 1) & (spread > _ROUNDING * powers)
        half = np.where(some, z * np.sqrt(spread / (rows - 1) / rows), np.nan)
    return Interval(np.asarray(mean), mean - half, mean + half, rows)


def within(found: Interval, lowest: float, highest: float) -> Interval:
    """Return an interval whose limits are cut off at what the figure can be; NaN stays."""
    low, high = (np.clip(part, lowest, highest) for part in (found.low, found.high))
    return Interval(found.value, low, high, found.n)
