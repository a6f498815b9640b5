"""The ratio of two shares with limits that hold for few rows, and for shares of 0 and 1."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, normal_quantile

_HALVINGS = 46
_REACH = 25.0


def koopman(
    hits: ArrayLike, n: ArrayLike, base_hits: ArrayLike, base_n: ArrayLike, *, confidence: float
) -> Interval:
    r"""Return a share over another one with Koopman's score interval.

    The limits are the ratios φ that the score test would just not reject:

    .. math:: \frac{\hat p - \varphi \hat q}
              {\sqrt{\tilde p (1 - \tilde p) / n + \varphi^2 \tilde q (1 - \tilde q) / m}} = \pm z

    where the shares under the root are the likeliest ones whose ratio is φ. It has limits where
    that of logarithms has none: for 0 of n, and for n of n beside m of m.

    Parameters
    ----------
    hits, n : array_like, shape (...)
        Rows of the group that count, and all of them.
    base_hits, base_n : array_like, shape (...)
        Those of the group that it is divided by.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        NaN where a group has no rows, or nothing counts in the second; the low limit of 0 of n
        is 0.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.

    Notes
    -----
    Koopman (1984), "Confidence intervals for the ratio of two binomial proportions".
    """
    x, rows, y, base = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (hits, n, base_hits, base_n))
    )
    z = normal_quantile(confidence)
    known = (rows > 0) & (base > 0) & (y > 0)
    x, rows, y, base = (np.where(known, part, 1.0) for part in (x, rows, y, base))
    low, high = np.exp(_solved(x, rows, y, base, np.asarray([z, -z])))
    limits = (x / rows / (y / base), np.where(x > 0, low, 0.0), high)
    value, low, high = (np.where(known, part, np.nan) for part in limits)
    return Interval(value, low, high, np.where(known, rows, 0.0))


def _solved(x: Floats, n: Floats, y: Floats, m: Floats, z: Floats) -> Floats:
    """Return the logarithm of the ratio at which the statistic is z, shape (2, ...).

    The statistic falls as the ratio grows.
    """
    level = z.reshape(2, *[1] * x.ndim)
    low, high = np.full((2, *x.shape), -_REACH), np.full((2, *x.shape), _REACH)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _statistic(np.exp(middle), x, n, y, m) > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2)


def _statistic(ratio: Floats, x: Floats, n: Floats, y: Floats, m: Floats) -> Floats:
    square, linear = ratio * (n + m), n * ratio + x + m + y * ratio
    root = np.sqrt(np.maximum(linear**2 - 4 * square * (x + y), 0.0))
    share = 2 * (x + y) / (linear + root)  # the smaller root, without a difference of large numbers
    own = np.clip(ratio * share, 0.0, 1.0)
    variance = own * (1 - own) / n + ratio**2 * np.clip(share * (1 - share), 0.0, None) / m
    gap = x / n - ratio * y / m
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap == 0, 0.0, gap / np.sqrt(variance))
