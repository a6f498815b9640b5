"""How unlikely a count or a mean is, with the skew that rare events bring."""

import numpy as np

from core.metrics.arrays import Floats


def two_sided(deviation: Floats, variance: Floats, third: Floats, *, step: float = 0.0) -> Floats:
    r"""Return the two-sided p-value of a deviation from what chance gives on average.

    Twice the smaller tail of the Pearson type III distribution, a moved gamma distribution, that
    has the same variance and skew. A count of rare events has a longer tail upwards than the normal
    distribution, and so do its p-values here: with 10 events expected, 23 or more are seen in 1 of
    3,400 cases, where the normal distribution says 1 of 26,000.

    Parameters
    ----------
    deviation, variance, third : ndarray, shape (...)
        Observed minus expected, and the second and third central moment of chance.
    step : float
        By how much what is counted moves at least; half of it is taken off (continuity).

    Returns
    -------
    ndarray, shape (...)
        NaN where the variance is 0 or unknown.
    """
    from scipy.stats import norm, pearson3  # noqa: PLC0415  # half a second, and few need it

    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(variance > 0, np.sqrt(variance), np.nan)
        skew = third / spread**3
        moved = np.sign(deviation) * np.maximum(np.abs(deviation) - step / 2, 0.0) / spread
    p: Floats = np.full(np.shape(deviation), np.nan)
    known = ~np.isnan(moved)
    plain = known & ~(np.abs(skew) > 1e-6)
    p[plain] = norm.sf(np.abs(moved[plain]))
    bent = known & ~plain
    p[bent] = np.minimum(
        pearson3.sf(moved[bent], skew[bent]), pearson3.cdf(moved[bent], skew[bent])
    )
    return np.minimum(2 * p, 1.0)
