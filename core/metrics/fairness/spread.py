"""How far the largest figure of a group lies above the smallest, with its interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.metrics.fairness.simultaneous import pairwise_confidence
from core.metrics.intervals import Interval


@dataclass(frozen=True, slots=True)
class Spread:
    """The two groups that lie furthest apart.

    Parameters
    ----------
    value, low, high : float
        Largest figure less the smallest, and limits that hold although the two were picked.
    top, bottom : int
        Their places; -1 with fewer than two groups.
    n : int
        Rows of both.
    """

    value: float
    low: float
    high: float
    top: int
    bottom: int
    n: int


def largest_spread(figure: Callable[[float], Interval], *, together: float = 0.95) -> Spread:
    """Return how far groups lie apart in a figure that is no share of theirs.

    Parameters
    ----------
    figure : callable
        Level of confidence → figure of each group with its interval, shape (G,); NaN for groups
        left out.
    together : float
        Level at which the limits hold for all pairs of groups.

    Notes
    -----
    Newcombe (1998), method 10: the half-widths of the two intervals, squared and added; for all
    pairs together: Tukey and Kramer.
    """
    nan = float("nan")
    plain = figure(together).value
    groups = int(np.count_nonzero(np.isfinite(plain)))
    if groups < 2:
        return Spread(nan, nan, nan, -1, -1, 0)
    wide = figure(pairwise_confidence(groups, together=together))
    top, bottom = int(np.nanargmax(wide.value)), int(np.nanargmin(wide.value))
    value = float(wide.value[top] - wide.value[bottom])
    down = np.hypot(wide.value[top] - wide.low[top], wide.high[bottom] - wide.value[bottom])
    up = np.hypot(wide.high[top] - wide.value[top], wide.value[bottom] - wide.low[bottom])
    n = int(wide.n[top] + wide.n[bottom])
    return Spread(value, value - float(down), value + float(up), top, bottom, n)
