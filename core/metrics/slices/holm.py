"""Holm's correction: how sure one may be of each finding among many looked for."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats


def holm(p_values: ArrayLike) -> Floats:
    r"""Return p-values adjusted for having looked at all of them.

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min\{1, (m - j + 1)\, p_{(j)}\}

    Who calls a finding what is adjusted to at most 0.05 makes one false finding or more in at most
    5 of 100 such tables, however many of the m comparisons are without a difference and however
    they depend on each other.

    Parameters
    ----------
    p_values : array_like, shape (...)
        One a comparison; NaN was not judged and does not count.

    Returns
    -------
    ndarray, shape (...)
        Adjusted values, never below the ones given; NaN where they are.

    Notes
    -----
    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    given = np.asarray(p_values, dtype=np.float64)
    found: Floats = np.full(given.shape, np.nan)
    known = ~np.isnan(given)
    values = given[known]
    order = np.argsort(values, kind="stable")
    steps = np.minimum(values[order] * (values.size - np.arange(values.size)), 1.0)
    adjusted: Floats = np.empty(values.size)
    adjusted[order] = np.maximum.accumulate(steps)
    found[known] = adjusted
    return found
