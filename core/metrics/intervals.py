"""Confidence intervals of shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats

CONFIDENCE_MESSAGE = N_("A confidence level lies between 0 and 1.")


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """An estimate with its confidence interval.

    Parameters
    ----------
    value, low, high : ndarray, shape (...)
        Estimate and limits; NaN where there is nothing to estimate from.
    n : ndarray, shape (...)
        Rows behind it.
    """

    value: Floats
    low: Floats
    high: Floats
    n: Floats


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches to either side.

    Parameters
    ----------
    confidence : float
        Level between 0 and 1, such as 0.95.

    Returns
    -------
    float
        1.96 for 0.95.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    return float(ndtri((1 + confidence) / 2))


def wilson(successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> Interval:
    r"""Return a share with its Wilson score interval.

    .. math:: \frac{\hat p + z^2/2n \pm z \sqrt{\hat p (1 - \hat p)/n + z^2/4n^2}}{1 + z^2/n}

    The limits stay between 0 (no row ever) and 1 (every row), also for 0 of n and n of n.

    Parameters
    ----------
    successes, n : array_like, shape (...)
        Rows that count, and all rows; 0 ≤ successes ≤ n.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        NaN where n is 0.

    Raises
    ------
    core.errors.InvalidInput
        If there are more successes than rows, a negative number, or an impossible level.

    Notes
    -----
    Wilson (1927).
    """
    hits, rows = np.broadcast_arrays(
        np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    )
    if not ((hits >= 0) & (hits <= rows)).all():
        raise InvalidInput(N_("A share needs 0 ≤ successes ≤ rows."))
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / rows
        middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
        half = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)) / (1 + z**2 / rows)
    return Interval(
        value=share,
        low=np.where(hits == 0, np.where(rows > 0, 0.0, np.nan), middle - half),
        high=np.where(hits == rows, np.where(rows > 0, 1.0, np.nan), middle + half),
        n=rows,
    )
