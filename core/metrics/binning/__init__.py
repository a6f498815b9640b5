"""Bins of features: how they are made from a reference, and the code that each value gets."""

from core.metrics.binning.bins import (
    CODE_OFFSET,
    NAN_CODE,
    NULL_CODE,
    QUANTILE_BINS,
    BinSet,
    CategoricalBins,
    FeatureBins,
    NumericBins,
    coarse_groups,
)
from core.metrics.binning.build import (
    KEPT_VALUES,
    POOLED_VALUES,
    categorical_bins_from_counts,
    log_spaced_bins,
    numeric_bins_from_counts,
)
from core.metrics.binning.codes import assign
from core.metrics.binning.counts import BinnedCounts, count_rows

__all__ = [
    "CODE_OFFSET",
    "KEPT_VALUES",
    "NAN_CODE",
    "NULL_CODE",
    "POOLED_VALUES",
    "QUANTILE_BINS",
    "BinSet",
    "BinnedCounts",
    "CategoricalBins",
    "FeatureBins",
    "NumericBins",
    "assign",
    "categorical_bins_from_counts",
    "coarse_groups",
    "count_rows",
    "log_spaced_bins",
    "numeric_bins_from_counts",
]
