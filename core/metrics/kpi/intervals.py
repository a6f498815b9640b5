"""How far a KPI may lie from what many more such rows would give."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.intervals import Interval, normal_quantile, wilson


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
        Sums over the rows of the products of two atoms, or what groups of rows say in their place.
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


def share_interval(
    successes: ArrayLike,
    n: ArrayLike,
    variance: ArrayLike,
    rows: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    r"""Return a share of rows that are no independent draws: Wilson's interval of fewer rows.

    .. math:: n' = n / d, \quad d = \max\left(1, \frac{V}{\hat p (1 - \hat p) / n}\right)

    Parameters
    ----------
    successes, n : array_like, shape (...)
        Rows that count, and all rows.
    variance : array_like, shape (...)
        Of the share, as groups of subjects say.
    rows : array_like, shape (...)
        Variance of the number of rows, as they say: rows that are all alike say nothing of the
        design effect, so each subject's rows count for one then.
    confidence : float
        Level of the interval.

    Notes
    -----
    Kish (1965) for the design effect; Korn and Graubard (1998) for fewer rows in such an interval.
    """
    hits, every = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = (hits == 0) | (hits == every)
        binomial = hits / every * (1 - hits / every) / every
        effect = np.where(alike, np.asarray(rows) / every, np.asarray(variance) / binomial)
        effect = np.where(every > 0, np.maximum(effect, 1.0), 1.0)
    found = wilson(hits / effect, every / effect, confidence=confidence)
    return Interval(found.value, found.low, found.high, every)
