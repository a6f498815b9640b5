"""The rows most like one row: mean squared distance over standardised features."""

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers

FARTHEST = 3.0
"""One number counts as no farther from another than so many standard deviations."""


def nearest(
    numbers: Floats,
    same: Booleans,
    deviations: Floats,
    point: Floats,
    *,
    count: int,
) -> tuple[Integers, Floats]:
    r"""Return the rows nearest to a point, and how far each is.

    .. math:: d(x, y)^2 = \frac{1}{p} \Bigl( \sum_{j \in N} \min\bigl(|x_j - y_j| / s_j, 3\bigr)^2
        + \sum_{j \in C} [x_j \ne y_j] \Bigr)

    over the numeric features :math:`N` and the categorical ones :math:`C`, :math:`p` together. A
    number that only one of both has is three deviations away; one that both lack, or whose
    feature does not vary, is no distance.

    Parameters
    ----------
    numbers : ndarray, shape (rows, N)
        Numeric features; NaN where missing.
    same : ndarray of bool, shape (rows, C)
        Whether each categorical feature is that of the point.
    deviations : ndarray, shape (N,)
        Standard deviation of each numeric feature in the reference.
    point : ndarray, shape (N,)
        Numeric features of the point.
    count : int
        Rows to return; fewer if there are fewer.

    Returns
    -------
    tuple of ndarray
        Places of the rows, nearest first and equally near ones in their order, and their
        distances, 0 for a row that equals the point and at most 3.
    """
    width = numbers.shape[1] + same.shape[1]
    if not len(numbers) or not width:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    usable = np.isfinite(deviations) & (deviations > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(numbers - point) / np.where(usable, deviations, np.nan)
    apart = np.where(np.isfinite(apart), np.minimum(apart, FARTHEST), 0.0)
    apart[np.isnan(numbers) != np.isnan(point)] = FARTHEST
    apart[:, ~usable] = 0.0
    squares = (apart**2).sum(axis=1) + (~same).sum(axis=1)
    distances: Floats = np.sqrt(squares / width)
    order = np.argsort(distances, kind="stable")[:count].astype(np.int64)
    return order, distances[order]
