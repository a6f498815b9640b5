"""Data quality read off binned counts: missing, out of range, unseen."""

from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, FeatureBins, NumericBins


@dataclass(frozen=True, slots=True, eq=False)
class QualityShares:
    """Data quality of one feature; arrays have the shape of the chunks.

    Parameters
    ----------
    rows : ndarray
        Rows, missing ones included.
    missing : ndarray
        Share of rows that are NULL or NaN.
    out_of_range : ndarray
        Share of values below or above the reference; NaN for categorical features.
    unseen : ndarray
        Share of values whose category the reference does not have; NaN for numeric features, and
        where the list of known categories is not complete.
    """

    rows: Floats
    missing: Floats
    out_of_range: Floats
    unseen: Floats


def quality_shares(bins: FeatureBins, counts: BinnedCounts) -> QualityShares:
    """Return the data quality of one feature in every chunk.

    0 means no row has the defect, 1 that every row has it.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    counts : BinnedCounts, shape (..., C)
        The chunks.

    Returns
    -------
    QualityShares
        NaN where there are no rows to take a share of.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong to the bins.
    """
    n = counts.n
    if n.ndim == 0 or n.shape[-1] != bins.bin_count + CODE_OFFSET:
        raise InvalidInput(N_("The counts do not belong to the bins of the feature."))
    missing = n[..., :CODE_OFFSET].sum(axis=-1)
    rows = n.sum(axis=-1)
    values = rows - missing
    nothing = np.full(rows.shape, np.nan)
    if isinstance(bins, NumericBins):
        outside, unseen = _ratio(n[..., CODE_OFFSET] + n[..., -1], values), nothing
    else:
        outside, unseen = nothing, _ratio(n[..., -1], values) if bins.complete else nothing
    return QualityShares(rows, _ratio(missing, rows), outside, unseen)


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan))
