"""A reference weighted to the strata of the current rows: to their weekdays, say."""

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.binning import BinnedCounts

_DIGITS = 9


def standardised(reference: BinnedCounts, weights: Floats) -> BinnedCounts:
    r"""Return the reference that rows with a given mix of strata should be compared with.

    With :math:`w_s` the share of the current rows in stratum s, and :math:`r_{sb}` of the
    :math:`R_s` reference rows of the stratum in bin b, bin b holds

    .. math:: N \sum_s w_s r_{sb} / R_s, \qquad N = 1 \Big/ \sum_s w_s^2 / R_s

    so each stratum is compared with its own. N is the number of rows that would give shares as
    sure as these: all of the reference if the mix is that of the reference, the rows of the one
    stratum if there is only one, and fewer where a mix leans on a small stratum.

    Parameters
    ----------
    reference : BinnedCounts, shape (S, C)
        Counts of the reference, one row a stratum.
    weights : ndarray, shape (K, S)
        Current rows of each chunk in each stratum.

    Returns
    -------
    BinnedCounts, shape (K, C)
        All zero where the chunk has no rows, or the reference none in a stratum of the chunk.

    Notes
    -----
    Direct standardisation: Rothman, Greenland and Lash, *Modern Epidemiology* (2008), chapter 3;
    N is Kish's effective sample size (*Survey Sampling*, 1965, section 11.7).
    """
    scale = _scale(reference.row_count, weights)
    used = scale > 0
    return BinnedCounts(
        _mixed(scale, used, reference.n),
        None if reference.total is None else _mixed(scale, used, reference.total),
        None if reference.low is None else _extreme(used, reference.low, np.fmin),
        None if reference.high is None else _extreme(used, reference.high, np.fmax),
    )


def _scale(rows: Floats, weights: Floats) -> Floats:
    """Return by what each stratum's counts are multiplied, shape (K, S)."""
    total = weights.sum(axis=-1, keepdims=True)
    share = np.divide(weights, total, out=np.zeros_like(weights, dtype=float), where=total > 0)
    per_row = np.divide(1.0, rows, out=np.zeros_like(rows, dtype=float), where=rows > 0)
    variance = (share**2 * per_row).sum(axis=-1, keepdims=True)
    known = (variance > 0) & ~((share > 0) & (rows == 0)).any(axis=-1, keepdims=True)
    size = np.divide(1.0, variance, out=np.zeros_like(variance), where=known)
    # What is 1 but for rounding is 1: then the rows are whole, and as many as were counted.
    return np.asarray(np.round(size * share * per_row, _DIGITS), dtype=np.float64)


def _mixed(scale: Floats, used: Booleans, parts: Floats) -> Floats:
    result = np.zeros((len(scale), parts.shape[-1]))
    for stratum, counts in enumerate(parts):
        rows = used[:, stratum]
        result[rows] += scale[rows, stratum, None] * counts
    return result


def _extreme(used: Booleans, parts: Floats, choose: np.ufunc) -> Floats:
    result = np.full((len(used), parts.shape[-1]), np.nan)
    for stratum, values in enumerate(parts):
        rows = used[:, stratum]
        result[rows] = choose(result[rows], values)
    return result
