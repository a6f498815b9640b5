"""Slices of the rows held against the rest of them, without being fooled by their number."""

from core.metrics.slices.binary import BINARY_FIGURES, compare_binary
from core.metrics.slices.comparison import Comparison, compare_means, compare_shares
from core.metrics.slices.errors import REGRESSION_FIGURES, compare_errors
from core.metrics.slices.holm import holm

__all__ = [
    "BINARY_FIGURES",
    "REGRESSION_FIGURES",
    "Comparison",
    "compare_binary",
    "compare_errors",
    "compare_means",
    "compare_shares",
    "holm",
]
