"""How far the means of two groups of rows lie apart, such as those with a model and without."""

import numpy as np

from core.metrics.intervals import Interval, normal_quantile


def welch(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    *,
    confidence: float = 0.95,
) -> Interval:
    r"""Return the first mean less the second with Welch's interval.

    .. math:: \bar x - \bar y \pm t_{\nu} \sqrt{\frac{s_x^2}{n} + \frac{s_y^2}{m}}, \quad
              \nu = \frac{(s_x^2/n + s_y^2/m)^2}
                         {\frac{(s_x^2/n)^2}{n-1} + \frac{(s_y^2/m)^2}{m-1}}

    Parameters
    ----------
    first, second : tuple of float
        Rows, sum of the values and sum of their squares of each group.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, scalar arrays
        ``n`` is the rows of both. NaN where a group has no rows; without limits where one has
        fewer than two, or nothing spreads.

    Raises
    ------
    core.errors.InvalidInput
        If the level is not between 0 and 1.

    Notes
    -----
    Welch (1947); ``scipy.stats.ttest_ind(equal_var=False).confidence_interval``.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # a tenth of a second, and few need it

    normal_quantile(confidence)  # refuses an impossible level
    rows = np.asarray([first[0], second[0]], dtype=np.float64)
    total = np.asarray([first[1], second[1]], dtype=np.float64)
    squares = np.asarray([first[2], second[2]], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / rows
        variance = np.maximum(squares - rows * mean**2, 0.0) / (rows - 1)
        error = variance / rows
        freedom = error.sum() ** 2 / (error**2 / (rows - 1)).sum()
        value = np.asarray(mean[0] - mean[1])
        some = (rows > 1).all() and error.sum() > 0
        half = stdtrit(freedom, (1 + confidence) / 2) * np.sqrt(error.sum()) if some else np.nan
    return Interval(value, value - half, value + half, np.asarray(rows.sum()))
