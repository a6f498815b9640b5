"""Distances made of the plain differences of shares: total variation and L-infinity."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, checked_counts, shares


def total_variation(reference: ArrayLike, current: ArrayLike) -> Floats:
    r"""Return the total variation distance: the share of rows that would have to change bin.

    .. math:: TV = \tfrac12 \sum_b |p_b - q_b|

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
    Levin, Peres and Wilmer, *Markov Chains and Mixing Times* (2009), proposition 4.2.
    """
    ref, cur = checked_counts(reference, current)
    return np.asarray(share_differences(ref, cur).sum(axis=-1) / 2)


def l_infinity(reference: ArrayLike, current: ArrayLike) -> Floats:
    r"""Return the L-infinity distance: the largest change of any one bin's share.

    .. math:: L_\infty = \max_b |p_b - q_b|

    0 means the same shares, 1 that all rows were in one bin and now none is. A metric, symmetric;
    joining bins can raise or lower it.

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
    The Chebyshev distance of the two vectors of shares.
    """
    ref, cur = checked_counts(reference, current)
    return np.asarray(share_differences(ref, cur).max(axis=-1))


def share_differences(reference: Floats, current: Floats) -> Floats:
    """Return how much each bin's share changed, without sign.

    Parameters
    ----------
    reference, current : ndarray, shapes (B,) and (..., B)
        Checked counts.

    Returns
    -------
    ndarray, shape (..., B)
        Between 0 and 1; NaN where a side has no rows.
    """
    return np.asarray(np.abs(shares(reference) - shares(current)))
