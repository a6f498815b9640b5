"""Hellinger distance."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, checked_counts, shares


def hellinger(reference: ArrayLike, current: ArrayLike) -> Floats:
    r"""Return the Hellinger distance.

    .. math:: H = \sqrt{\tfrac12 \sum_b (\sqrt{p_b} - \sqrt{q_b})^2}

    0 means the same shares, 1 that no bin holds rows of both sides. A metric, symmetric.

    Parameters
    ----------
    reference : array_like, shape (B,)
        Counts of the reference.
    current : array_like, shape (..., B)
        Counts of the current data.

    Returns
    -------
    ndarray, shape (...)
        Between 0 and 1; NaN where either side has no rows.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together.

    Notes
    -----
    Hellinger (1909); this form in van der Vaart, *Asymptotic Statistics* (1998), section 14.5.
    """
    ref, cur = checked_counts(reference, current)
    return np.asarray(np.sqrt(np.minimum(hellinger_terms(ref, cur).sum(axis=-1), 1.0)))


def hellinger_terms(reference: Floats, current: Floats) -> Floats:
    """Return each bin's part of the squared distance.

    Parameters
    ----------
    reference, current : ndarray, shapes (B,) and (..., B)
        Checked counts.

    Returns
    -------
    ndarray, shape (..., B)
        Parts of 0 or more; NaN where a side has no rows.
    """
    difference = np.sqrt(shares(reference)) - np.sqrt(shares(current))
    return np.asarray(difference**2 / 2)
