"""Quantiles of many groups from values that were sorted once."""

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.intervals import Interval, normal_quantile


def sorted_quantiles(
    values: Floats, group: Integers, count: int, level: float, *, confidence: float = 0.95
) -> Interval:
    """Return a quantile of each group, with limits by the order of its rows.

    Between two rows it is interpolated (``numpy.quantile``'s default). The limits are rows: the
    binomial number of rows below the true quantile, by its normal approximation.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Ascending.
    group : ndarray of int64, shape (n,)
        Group of each value; below 0 for none.
    count : int
        Number of groups.
    level : float
        Between 0 and 1.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (count,)
        NaN for a group without values.

    Notes
    -----
    David and Nagaraja (2003), section 7.1.
    """
    inside = group >= 0
    kept, chosen = (values, group) if inside.all() else (values[inside], group[inside])
    if count > 1 and chosen.size and chosen.min() < chosen.max():
        # Sixteen bits are sorted in linear time.
        keys = chosen.astype(np.uint16) if count <= np.iinfo(np.uint16).max else chosen
        kept = kept[np.argsort(keys, kind="stable")]  # each group in order, one after the other
    n = np.bincount(chosen, minlength=count)
    starts = np.cumsum(n) - n
    value, low, high = (np.full(count, np.nan) for _ in range(3))
    known = np.flatnonzero(n)
    rows = n[known].astype(np.float64)

    def at(rank: Floats) -> Floats:
        """Return the value of a rank in each group, counted from 0."""
        return np.asarray(kept[starts[known] + rank.astype(np.int64)])

    place = (rows - 1) * level
    below, above = at(np.floor(place)), at(np.minimum(np.floor(place) + 1, rows - 1))
    half = normal_quantile(confidence) * np.sqrt(rows * level * (1 - level))
    value[known] = below + (place - np.floor(place)) * (above - below)
    low[known] = at(np.clip(np.floor(rows * level - half), 1, rows) - 1)
    high[known] = at(np.clip(np.ceil(rows * level + half) + 1, 1, rows) - 1)
    return Interval(value, low, high, n.astype(np.float64))
