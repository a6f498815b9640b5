"""Quantiles of one group of rows, with limits by the order of its rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import normal_quantile

_MANY = 5_000  # rows from which on a sample tells first where to look
_SAMPLE = 1_024
_SIGMA = 4.0  # how far around the quantile of the sample


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
    these places are put in order; of many rows only those near the quantile are looked at for it.

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
    at_low, at_below, at_above, at_high = _rows_at(values, (low, below, above, high), level)
    value = at_below + (place - below) * (at_above - at_below)
    return QuantileFigure(value, at_low, at_high, n)


def _rows_at(values: Floats, places: Sequence[int], level: float) -> list[float]:
    """Return the rows at some places of the order, the places close to a quantile."""
    kept, skipped = _near(values, level) if values.size >= _MANY else (values, 0)
    within = [place - skipped for place in places]
    if min(within) < 0 or max(within) >= kept.size:  # the sample misled
        kept, within = values, list(places)
    return [float(each) for each in np.partition(kept, sorted(set(within)))[within]]


def _near(values: Floats, level: float) -> tuple[Floats, int]:
    """Return the rows about a quantile, as a sample tells, and how many are smaller than those.

    Floyd and Rivest (1975), with two comparisons a row in place of an order.
    """
    sample = np.sort(values[:: values.size // _SAMPLE])
    edges = np.concatenate([[-np.inf], sample, [np.inf]])
    middle = sample.size * level
    half = _SIGMA * math.sqrt(middle * (1 - level)) + 1
    first = edges[max(math.floor(middle - half), 0)]
    last = edges[min(math.ceil(middle + half) + 1, edges.size - 1)]
    smaller = values < first
    return values[(values <= last) & ~smaller], int(np.count_nonzero(smaller))
