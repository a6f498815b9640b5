"""Quantiles read off binned counts, such as the latency that 95 % of the answers stay under."""

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, NumericBins


def quantile_from_counts(bins: NumericBins, counts: BinnedCounts, share: float) -> Floats:
    r"""Return the smallest value that a share of the rows does not exceed, per chunk.

    The wanted value is the one of rank :math:`\lceil q n \rceil`. The values of a bin are taken to
    lie evenly between its smallest and its largest, so the result is off by at most the distance of
    those two, and not at all if the bin holds one or two values, or for the smallest and largest of
    a bin. With bins 5 % wide the relative error is below 5 %.

    Parameters
    ----------
    bins : NumericBins
        Bins that the counts belong to.
    counts : BinnedCounts, shape (..., C)
        Counts with low and high; missing values are left out.
    share : float
        Quantile between 0 and 1; 0.5 is the median (lower of two), 1 the largest value.

    Returns
    -------
    ndarray, shape (...)
        In the unit of the values; NaN where there are none.

    Raises
    ------
    core.errors.InvalidInput
        If the share is not in 0…1, the counts do not belong to the bins, or they come without
        low and high.

    Notes
    -----
    The rank is that of ``numpy.quantile(method="inverted_cdf")``.
    """
    if not 0 <= share <= 1:
        raise InvalidInput(N_("A quantile lies between 0 and 1."))
    if counts.n.ndim == 0 or counts.n.shape[-1] != bins.bin_count + CODE_OFFSET:
        raise InvalidInput(N_("The counts do not belong to the bins of the feature."))
    if counts.low is None or counts.high is None:
        raise InvalidInput(N_("A quantile needs the smallest and largest value of every bin."))
    n, low, high = (part[..., CODE_OFFSET:] for part in (counts.n, counts.low, counts.high))
    cumulative = np.cumsum(n, axis=-1)
    rows = cumulative[..., -1:]
    rank = np.clip(np.ceil(np.round(share * rows, 9)), 1, np.maximum(rows, 1))
    position = np.minimum((cumulative < rank).sum(axis=-1, keepdims=True), n.shape[-1] - 1)

    def at(part: Floats) -> Floats:
        return np.take_along_axis(part, position, axis=-1)[..., 0]

    inside, before = at(n), at(cumulative) - at(n)
    step = np.divide(
        rank[..., 0] - before - 1, inside - 1, out=np.zeros_like(inside), where=inside > 1
    )
    smallest, largest = at(low), at(high)
    with np.errstate(invalid="ignore"):
        between = np.where(step > 0, smallest + step * (largest - smallest), smallest)
    return np.where(rows[..., 0] > 0, between, np.nan)
