"""Population stability index."""

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats, checked_counts

PSEUDO_COUNT = 0.5
"""Rows added to every bin in use, so that an empty one gives a large but finite term."""


def psi(reference: ArrayLike, current: ArrayLike, *, pseudo_count: float = PSEUDO_COUNT) -> Floats:
    r"""Return the population stability index.

    .. math:: PSI = \sum_b (q_b - p_b) \ln (q_b / p_b)

    with :math:`p_b = (r_b + c) / (R + cB)` and :math:`q_b = (k_b + c) / (K + cB)`, where c is the
    pseudo-count and B the number of bins that hold a row on either side. Bins empty on both sides
    contribute nothing. 0 means the same shares; there is no upper limit, and 1 means about what a
    normal variable gives when its mean moves by one standard deviation.

    Parameters
    ----------
    reference : array_like, shape (B,)
        Counts of the reference.
    current : array_like, shape (..., B)
        Counts of the current data.
    pseudo_count : float
        Rows added per bin, 0 or more. With 0 a bin empty on one side gives infinity.

    Returns
    -------
    ndarray, shape (...)
        NaN where either side has no rows.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together or the pseudo-count is negative.

    Notes
    -----
    Symmetric when both sides have as many rows. Formula: Siddiqi, *Credit Risk Scorecards* (2006),
    chapter 10; the pseudo-count is ours.
    """
    ref, cur = checked_counts(reference, current)
    return np.asarray(psi_terms(ref, cur, pseudo_count=pseudo_count).sum(axis=-1))


def psi_terms(reference: Floats, current: Floats, *, pseudo_count: float = PSEUDO_COUNT) -> Floats:
    """Return the summand of every bin; see :func:`psi`.

    Parameters
    ----------
    reference, current : ndarray, shapes (..., B), one against the other
        Checked counts.
    pseudo_count : float
        Rows added per bin in use.

    Returns
    -------
    ndarray, shape (..., B)
        Terms of 0 or more; NaN where a side has no rows.
    """
    if not pseudo_count >= 0:
        raise InvalidInput(N_("The pseudo-count must not be negative."))
    used = (reference > 0) | (current > 0)
    added = pseudo_count * used.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (reference + pseudo_count) / (reference.sum(axis=-1, keepdims=True) + added)
        q = (current + pseudo_count) / (current.sum(axis=-1, keepdims=True) + added)
        terms = np.where(used, (q - p) * np.log(q / p), 0.0)
    empty = (current.sum(axis=-1, keepdims=True) == 0) | (
        reference.sum(axis=-1, keepdims=True) == 0
    )
    return np.where(empty, np.nan, terms)
