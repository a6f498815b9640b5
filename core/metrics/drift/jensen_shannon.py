"""Jensen–Shannon distance, base 2."""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, checked_counts, shares


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> Floats:
    r"""Return the Jensen–Shannon distance with base-2 logarithms.

    .. math:: JS = \sqrt{\tfrac12 \sum_b p_b \log_2 (p_b / m_b) + \tfrac12 \sum_b q_b \log_2
              (q_b / m_b)}, \qquad m_b = (p_b + q_b) / 2

    0 means the same shares, 1 that no bin holds rows of both sides. A metric (the square root of
    the divergence), symmetric.

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
    Lin (1991), Endres and Schindelin (2003). With natural logarithms, as some tools use, the same
    data give √(ln 2) ≈ 0.833 times this figure.
    """
    ref, cur = checked_counts(reference, current)
    divergence = jensen_shannon_terms(ref, cur).sum(axis=-1)
    return np.asarray(np.sqrt(np.clip(divergence, 0.0, 1.0)))


def jensen_shannon_terms(reference: Floats, current: Floats) -> Floats:
    """Return each bin's part of the divergence, the square of the distance.

    Parameters
    ----------
    reference, current : ndarray, shapes (B,) and (..., B)
        Checked counts.

    Returns
    -------
    ndarray, shape (..., B)
        Parts of 0 or more; NaN where a side has no rows.
    """
    from scipy.special import rel_entr  # noqa: PLC0415  # a tenth of a second, and few need it

    p, q = shares(reference), shares(current)
    middle = (p + q) / 2
    return np.asarray((rel_entr(p, middle) + rel_entr(q, middle)) / (2 * np.log(2)))
