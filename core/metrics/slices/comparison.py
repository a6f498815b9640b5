"""A figure of each slice beside that of the rest of the rows."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.intervals import Interval, wilson
from core.metrics.performance.means import mean_interval
from core.metrics.slices.tails import two_sided

FEWEST_EVENTS = 10
"""Rows of either kind that must be expected in a slice before it is judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One figure of several slices, each beside the rest of the rows; arrays of shape (S,).

    Parameters
    ----------
    value, rest : Interval
        The figure of the slices, and of all other rows.
    difference : Interval
        The one minus the other, with its interval; ``n`` is the rows of the slice that the figure
        is of, such as those flagged for a precision.
    p_value : ndarray
        How likely a difference as large is if there is none; NaN where ``enough`` is not.
    enough : ndarray of bool
        Whether enough of what is counted was to be expected on both sides.
    """

    value: Interval
    rest: Interval
    difference: Interval
    p_value: Floats
    enough: Booleans


def compared(value: Interval, rest: Interval, p_value: Floats, enough: Booleans) -> Comparison:
    r"""Return a comparison with the interval of the difference made of both intervals.

    .. math:: d - \sqrt{(a - l_a)^2 + (u_b - b)^2}, \quad d + \sqrt{(u_a - a)^2 + (b - l_b)^2}

    Parameters
    ----------
    value, rest : Interval, shape (S,)
        Figures a and b of separate rows with their limits l and u.
    p_value : ndarray, shape (S,)
        Of the difference.
    enough : ndarray of bool, shape (S,)
        Whether to judge.

    Notes
    -----
    Zou and Donner (2008); of shares with Wilson's limits, Newcombe (1998), method 10.
    """
    gap = value.value - rest.value
    low = gap - np.hypot(value.value - value.low, rest.high - rest.value)
    high = gap + np.hypot(value.high - value.value, rest.value - rest.low)
    judged = enough & ~np.isnan(p_value)
    return Comparison(
        value,
        rest,
        Interval(gap, low, high, value.n),
        np.where(judged, p_value, np.nan),
        np.asarray(judged),
    )


def compare_shares(hits: Floats, rows: Floats, other_hits: Floats, others: Floats) -> Comparison:
    """Return shares of slices beside those of the rest.

    Given how many rows there are of either kind, those in the slice are hypergeometric if there is
    no difference, as Fisher's exact test has it; its first three moments make the p-value.

    Parameters
    ----------
    hits, rows : ndarray, shape (S,)
        Rows that count and all rows of the slices.
    other_hits, others : ndarray, shape (S,)
        The same of the rest.
    """
    total, k = rows + others, hits + other_hits
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = rows * k / total
        variance = expected * (total - k) * others / (total * (total - 1))
        third = variance * (total - 2 * k) * (total - 2 * rows) / (total * (total - 2))
    p = two_sided(hits - expected, variance, third, step=1.0)
    smallest = np.minimum.reduce([expected, rows - expected, k - expected, others - (k - expected)])
    enough = np.nan_to_num(smallest, nan=0.0) >= FEWEST_EVENTS
    return compared(wilson(hits, rows), wilson(other_hits, others), p, enough)


@dataclass(frozen=True, slots=True, eq=False)
class MeanSums:
    """What the mean of some rows and its spread are read from; arrays of shape (S,)."""

    total: Floats
    squares: Floats
    n: Floats


def compare_means(slices: MeanSums, rest: MeanSums, enough: Booleans) -> Comparison:
    r"""Return means of slices beside those of the rest, with Welch's test.

    .. math:: t = \frac{\bar x_1 - \bar x_2}{\sqrt{v_1/n_1 + v_2/n_2}}

    The variance of a slice is taken at least as large as that of all rows together: few rows
    without one of the rare large errors look as if there were none.

    Parameters
    ----------
    slices, rest : MeanSums
        Of either side.
    enough : ndarray of bool, shape (S,)
        Whether to judge.
    """
    from scipy.stats import t as student  # noqa: PLC0415  # half a second, and few need it

    value, other = (mean_interval(each.total, each.squares, each.n) for each in (slices, rest))
    floor = _variance(slices.total + rest.total, slices.squares + rest.squares, slices.n + rest.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.maximum(_variance(slices.total, slices.squares, slices.n), floor) / slices.n
        second = _variance(rest.total, rest.squares, rest.n) / rest.n
        statistic = (value.value - other.value) / np.sqrt(first + second)
        freedom = (first + second) ** 2 / (first**2 / (slices.n - 1) + second**2 / (rest.n - 1))
        p = np.asarray(2 * student.sf(np.abs(statistic), freedom), dtype=np.float64)
    return compared(value, other, p, enough)


def _variance(total: Floats, squares: Floats, n: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(squares - total**2 / n, 0.0) / (n - 1))
