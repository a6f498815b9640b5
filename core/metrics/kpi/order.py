"""Quantiles of one group of rows, with limits by the order of its rows."""

import math
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import normal_quantile


@dataclass(frozen=True, slots=True)
class QuantileFigure:
    """A quantile with its limits, and the rows behind it; NaN without rows."""

    value: float
    low: float
    high: float
    n: int


def quantile_figure(values: Floats, level: float, *, confidence: float = 0.95) -> QuantileFigure:
    """Return a quantile of some values.

    Between two rows it is interpolated (``numpy.quantile``'s default). The limits are rows: the
    binomial number of rows below the true quantile, by its normal approximation. Only the rows at
    these places are put in order.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any order.
    level : float
        Between 0 and 1.
    confidence : float
        Level of the interval.

    Notes
    -----
    David and Nagaraja (2003), section 7.1.
    """
    n = int(values.size)
    if not n:
        return QuantileFigure(math.nan, math.nan, math.nan, 0)
    place = (n - 1) * level
    half = normal_quantile(confidence) * math.sqrt(n * level * (1 - level))
    below, above = math.floor(place), min(math.floor(place) + 1, n - 1)
    low = min(max(math.floor(n * level - half), 1), n) - 1
    high = min(max(math.ceil(n * level + half) + 1, 1), n) - 1
    ordered = np.partition(values, sorted({low, below, above, high}))
    value = ordered[below] + (place - below) * (ordered[above] - ordered[below])
    return QuantileFigure(float(value), float(ordered[low]), float(ordered[high]), n)
