"""What rows would be worth if those of each score were worth what earlier ones were."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, normal_quantile


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """Values by group of rows, such as a band of the score; arrays of shape (G,).

    Parameters
    ----------
    n : ndarray
        Rows whose value is known.
    weight, weight_squares : ndarray
        Sums of a row's weight w, such as the amount at stake, and of w²; w = 1 counts rows.
    value, value_squares : ndarray
        Sums of a row's value x and of x².
    products : ndarray
        Sums of w x.
    """

    n: Floats
    weight: Floats
    weight_squares: Floats
    value: Floats
    value_squares: Floats
    products: Floats

    def pooled(self) -> "Worth":
        """Return all groups as one, shape (1,)."""
        return Worth(*(np.atleast_1d(getattr(self, name).sum()) for name in Worth.__slots__))


def worth_of(weight: ArrayLike, value: ArrayLike, group: ArrayLike, groups: int) -> Worth:
    """Return the sums of single rows.

    Parameters
    ----------
    weight, value : array_like, shape (n,)
        Of each row.
    group : array_like of int, shape (n,)
        Group of each row.
    groups : int
        How many there are.
    """
    w, x = (np.asarray(part, dtype=np.float64) for part in (weight, value))
    at = np.asarray(group, dtype=np.int64)
    parts = (np.ones(w.shape), w, w**2, x, x**2, w * x)
    return Worth(*(np.bincount(at, part, groups).astype(np.float64) for part in parts))


def carried_over(
    worth: Worth,
    weight: ArrayLike,
    *,
    scatter: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Interval:
    r"""Return what further rows would be worth at the value a unit of weight of earlier ones.

    .. math:: \hat V = \sum_g W_g r_g, \quad r_g = \frac{\sum x}{\sum w}, \quad
              \operatorname{var} r_g = \frac{n}{n-1} \frac{\sum (x - r_g w)^2}{(\sum w)^2}

    Parameters
    ----------
    worth : Worth
        Of the earlier rows, shape (G,).
    weight : array_like, shape (G,)
        Sums W of the further rows' weights.
    scatter : array_like, shape (G,), optional
        Sums of the further rows' squared weights: the interval then holds what they will bring,
        as each scatters around the ratio by what the earlier ones did a unit of weight,
        :math:`\sigma_g^2 = \frac{n}{n-1} \sum (x - r_g w)^2 / \sum w^2`. Without them it only
        says how well the earlier rows tell the ratios.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, scalar arrays
        NaN if a group with further rows has no earlier ones; without limits if it has one only.
        ``n`` is the earlier rows.

    Notes
    -----
    Cochran (1977), Sampling Techniques, section 6.4: the ratio estimator, group by group.
    """
    further = np.asarray(weight, dtype=np.float64)
    used = further != 0
    n, w, ww, x, xx, wx = (getattr(worth, name)[used] for name in Worth.__slots__)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(w != 0, x / w, np.nan)
        residual = np.maximum(xx - 2 * ratio * wx + ratio**2 * ww, 0.0)
        spread = np.where(n > 1, n / (n - 1) * residual, np.nan)
        variance = further[used] ** 2 * spread / w**2
        if scatter is not None:
            variance = variance + np.asarray(scatter, dtype=np.float64)[used] * spread / ww
    value = np.asarray((further[used] * ratio).sum())
    half = normal_quantile(confidence) * np.sqrt(variance.sum())
    return Interval(value, value - half, value + half, np.asarray(n.sum()))


def less(first: Interval, second: Interval) -> Interval:
    """Return a figure less an independent one; half widths add up as their squares do."""
    value = first.value - second.value
    half = np.hypot((first.high - first.low) / 2, (second.high - second.low) / 2)
    return Interval(value, value - half, value + half, first.n + second.n)


def plus(first: Interval, second: Interval) -> Interval:
    """Return the sum of two independent figures, likewise."""
    value = first.value + second.value
    half = np.hypot((first.high - first.low) / 2, (second.high - second.low) / 2)
    return Interval(value, value - half, value + half, first.n + second.n)
