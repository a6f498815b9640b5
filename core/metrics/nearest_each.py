"""The rows most like each of many points, by the distance of :mod:`core.metrics.nearest`."""

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.nearest import FARTHEST

_CELLS = 1_000_000
_STEPS = 1e9


def nearest_each(
    numbers: Floats,
    codes: Integers,
    deviations: Floats,
    points: Floats,
    point_codes: Integers,
    *,
    count: int,
) -> tuple[Integers, Floats]:
    """Return the rows nearest to each point, and how far each is.

    Parameters
    ----------
    numbers : ndarray, shape (rows, N)
        Numeric features; NaN where missing.
    codes : ndarray of int, shape (rows, C)
        Categorical features, each value by a number of its own, also the missing one.
    deviations : ndarray, shape (N,)
        Standard deviation of each numeric feature in the reference.
    points, point_codes : ndarray, shape (points, N) and (points, C)
        The same of the points.
    count : int
        Rows to return of each point; fewer if there are fewer.

    Returns
    -------
    tuple of ndarray, shape (points, count)
        Places of the rows, nearest first and equally near ones in their order, and distances;
        the sum of squares behind them is rounded to nine decimals.
    """
    kept = min(count, len(numbers))
    width = numbers.shape[1] + codes.shape[1]
    places = np.empty((len(points), kept), np.int64)
    distances = np.empty((len(points), kept), np.float64)
    if not kept or not width:
        return places[:, :0], distances[:, :0]
    own, step = np.arange(len(numbers)), max(1, _CELLS // len(numbers))
    for start in range(0, len(points), step):
        part = slice(start, start + step)
        squares = _squares(numbers, deviations, points[part])
        for column in range(codes.shape[1]):
            squares += point_codes[part, column, None] != codes[None, :, column]
        # Whole numbers: sums in another order differ in their last digit, which makes no row
        # nearer, and each row's place makes its number one of its own.
        keys = np.rint(squares * _STEPS).astype(np.int64) * len(numbers) + own
        near = np.argpartition(keys, kept - 1, axis=1)[:, :kept]
        found = np.sort(np.take_along_axis(keys, near, axis=1), axis=1)
        places[part] = found % len(numbers)
        distances[part] = np.sqrt(found // len(numbers) / _STEPS / width)
    return places, distances


def _squares(numbers: Floats, deviations: Floats, points: Floats) -> Floats:
    """Return the squared distances by numbers, shape (points, rows)."""
    squares = np.zeros((len(points), len(numbers)))
    for column, deviation in enumerate(deviations.tolist()):
        if not (np.isfinite(deviation) and deviation > 0):
            continue
        theirs, mine = numbers[None, :, column], points[:, column, None]
        apart = np.minimum(np.abs(theirs - mine) / deviation, FARTHEST)
        one_lacks = np.isnan(theirs) != np.isnan(mine)
        squares += np.where(one_lacks, FARTHEST**2, np.nan_to_num(apart) ** 2)
    return squares
