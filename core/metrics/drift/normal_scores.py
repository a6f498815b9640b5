"""How far numbers moved up or down: the mean of van der Waerden's normal scores."""

import numpy as np

from core.metrics.arrays import Floats, shares


def normal_score_shift(reference: Floats, current: Floats) -> Floats:
    r"""Return the shift between ordered counts, in standard deviations of a normal value.

    Each row is given the score :math:`\Phi^{-1}(r / (N + 1))`, where r is its rank among the N
    rows of the reference (the middle rank of its bin); the figure is the mean score of the current
    rows less that of the reference. If the values were normal, or become so by any increasing
    change of scale, it is the shift in their standard deviations.

    Parameters
    ----------
    reference : ndarray, shape (..., B)
        Counts per ordered bin of the reference.
    current : ndarray, shape (..., B)
        Counts of the current data.

    Returns
    -------
    ndarray, shape (...)
        The shift with its sign; NaN where a side has no rows.

    Notes
    -----
    van der Waerden (1952). For a shift it is never less powerful than the difference of means, and
    as powerful for normal values (Chernoff and Savage 1958).
    """
    from scipy.special import ndtri  # noqa: PLC0415  # a tenth of a second, and few need it

    rows = reference.sum(axis=-1, keepdims=True)
    ranks = np.cumsum(reference, axis=-1) - reference / 2 + 0.5
    scores = ndtri(ranks / (rows + 1))
    return np.asarray(((shares(current) - shares(reference)) * scores).sum(axis=-1))
