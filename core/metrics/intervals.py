"""Confidence intervals of shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats

_HALVINGS = 50  # of the way to a limit: as near as numbers are

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
    from scipy.special import ndtri  # noqa: PLC0415  # a tenth of a second, and few need it

    if not 0 < confidence < 1:
        raise InvalidInput(CONFIDENCE_MESSAGE)
    return float(ndtri((1 + confidence) / 2))


def hanley_mcneil(
    area: ArrayLike, positives: ArrayLike, negatives: ArrayLike, *, confidence: float = 0.95
) -> Interval:
    r"""Return an area under the ROC curve with limits by Hanley and McNeil's variance.

    .. math:: V(A) = \frac{A(1-A) + (m-1)(Q_1 - A^2) + (k-1)(Q_2 - A^2)}{mk}, \quad
              Q_1 = \frac{A}{2-A}, \; Q_2 = \frac{2A^2}{1+A}

    An area of 0.5 is guessing, 1 a perfect order. The limits are the areas from which the found one
    lies z standard errors away, :math:`|A - L| = z \sqrt{V(L)}`: Wilson's way, so that a perfect
    order of a few rows is not taken to be certain. They lie within 0 and 1.

    Parameters
    ----------
    area : array_like, shape (...)
        Areas, 0…1 or NaN.
    positives, negatives : array_like, shape (...)
        Rows m and k of either class.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval
        NaN where a class is absent; ``n`` is the rows of both.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.

    Notes
    -----
    Hanley and McNeil (1982); limits by the score method, as Newcombe (2006) takes them. Where the
    true area is 0.95 they hold it in 98 of 100 samples of 3 positives and 100 negatives; the found
    area ± z √V does in 83.
    """
    value, m, k = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (area, positives, negatives))
    )
    z = normal_quantile(confidence)
    known = (m > 0) & (k > 0) & ~np.isnan(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = _area_limit(value, m, k, z, 0.0)
        high = _area_limit(value, m, k, z, 1.0)
    return Interval(
        value=np.where(known, value, np.nan),
        low=np.where(known, low, np.nan),
        high=np.where(known, high, np.nan),
        n=m + k,
    )


def _area_limit(area: Floats, m: Floats, k: Floats, z: float, end: float) -> Floats:
    """Return the area between the found one and an end that it lies z errors away from."""
    inside: Floats = np.array(area, dtype=np.float64)
    outside: Floats = np.full(area.shape, end)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        near = np.abs(area - middle) < z * _area_error(middle, m, k)
        inside, outside = np.where(near, middle, inside), np.where(near, outside, middle)
    return np.asarray((inside + outside) / 2)


def _area_error(area: Floats, m: Floats, k: Floats) -> Floats:
    square = area**2
    first, second = area / (2 - area), 2 * square / (1 + area)
    spread = area * (1 - area) + (m - 1) * (first - square) + (k - 1) * (second - square)
    return np.asarray(np.sqrt(np.maximum(spread, 0.0) / (m * k)))


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
