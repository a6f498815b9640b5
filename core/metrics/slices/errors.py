"""Slices of a regression beside the rest: how far estimates lie from what came."""

from collections.abc import Mapping

import numpy as np

from core.metrics.performance import ErrorSums
from core.metrics.slices.comparison import FEWEST_EVENTS, Comparison, MeanSums, compare_means

REGRESSION_FIGURES = ("mae",)
"""Ids of the figures that slices of a regression are compared by."""


def compare_errors(slices: ErrorSums, rest: ErrorSums) -> Mapping[str, Comparison]:
    """Return every figure of slices beside the rest.

    Parameters
    ----------
    slices, rest : ErrorSums, shape (S,)
        Sums of the slices, and of all other rows.

    Returns
    -------
    mapping of str to Comparison
        By metric id, in the order of :data:`REGRESSION_FIGURES`.
    """
    first, second = (MeanSums(each.absolute, each.squared, each.n) for each in (slices, rest))
    enough = np.minimum(slices.n, rest.n) >= FEWEST_EVENTS
    return {"mae": compare_means(first, second, enough)}
