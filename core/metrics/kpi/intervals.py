"""How far a KPI may lie from what many more such rows would give."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.intervals import Interval, normal_quantile


def delta_interval(
    value: ArrayLike,
    gradient: ArrayLike,
    products: ArrayLike,
    n: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    r"""Return a function of sums with limits by the delta method.

    .. math:: V(f) = \sum_{ij} g_i g_j \sum_r a_{ri} a_{rj}

    Rows are independent draws and their number is random too (compound Poisson), so the
    covariance of two sums is the sum of the products of their rows. Of a ratio this is the usual
    variance of a ratio estimator, :math:`\sum_r (a_r - f b_r)^2 / B^2`; of a total it says how far
    the total of another such period may lie.

    Parameters
    ----------
    value : array_like, shape (...)
        The function of the sums.
    gradient : array_like, shape (..., A)
        Its derivative by each sum.
    products : array_like, shape (..., A, A)
        Sums over the rows of the products of two atoms.
    n : array_like, shape (...)
        Rows.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        Limits NaN of fewer than two rows.

    Notes
    -----
    Oehlert (1992) for the method; Cochran (1977), chapter 6, for ratios.
    """
    found, slopes = np.asarray(value, dtype=np.float64), np.asarray(gradient, dtype=np.float64)
    rows = np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        variance = np.einsum("...i,...ij,...j->...", slopes, np.asarray(products), slopes)
        half = normal_quantile(confidence) * np.sqrt(np.maximum(variance, 0.0))
    half = np.where(rows >= 2, half, np.nan)
    return Interval(found, found - half, found + half, rows)
