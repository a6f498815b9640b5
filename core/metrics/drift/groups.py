"""Counts of coarse groups, and what each group stands for."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.binning import (
    CODE_OFFSET,
    CategoricalBins,
    FeatureBins,
    NumericBins,
    coarse_groups,
)


class GroupKind(StrEnum):
    """What the rows of a coarse group have in common."""

    missing = "missing"
    below = "below"
    interval = "interval"
    above = "above"
    category = "category"
    rest = "rest"
    unseen = "unseen"


@dataclass(frozen=True, slots=True)
class Group:
    """One coarse group of a feature.

    Parameters
    ----------
    kind : GroupKind
        What it is.
    lower, upper : float or None
        Ends of its values in the feature's unit; None is open.
    includes_lower, includes_upper : bool
        Whether the ends belong to it.
    category : str or None
        The value of a categorical group of one value.
    """

    kind: GroupKind
    lower: float | None = None
    upper: float | None = None
    includes_lower: bool = False
    includes_upper: bool = False
    category: str | None = None


def group_counts(bins: FeatureBins, counts: Floats) -> Floats:
    """Add up counts per coarse group.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    counts : ndarray, shape (..., C)
        Counts aligned to the codes.

    Returns
    -------
    ndarray, shape (..., G)
        Group 0 is missing.
    """
    starts = np.flatnonzero(np.diff(coarse_groups(bins), prepend=-1))
    return np.add.reduceat(counts, starts, axis=-1)


def describe_groups(bins: FeatureBins) -> tuple[Group, ...]:
    """Return what every coarse group stands for.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.

    Returns
    -------
    tuple of Group
        In the order of :func:`group_counts`.
    """
    missing = Group(GroupKind.missing)
    if isinstance(bins, CategoricalBins):
        named = (Group(GroupKind.category, category=value) for value in bins.values)
        return (missing, *named, Group(GroupKind.rest), Group(GroupKind.unseen))
    groups = coarse_groups(bins)[CODE_OFFSET:]
    lasts = np.flatnonzero(np.diff(groups, append=groups[-1] + 1))[:-1]
    ends = bins.edge_array[lasts]
    smallest = _first_value(bins, float(ends[0]))[0]
    inner = (_interval(bins, left, right) for left, right in pairwise(ends.tolist()))
    return (
        missing,
        Group(GroupKind.below, upper=smallest),
        *inner,
        Group(GroupKind.above, lower=float(ends[-1])),
    )


def _interval(bins: NumericBins, left: float, right: float) -> Group:
    lower, included = _first_value(bins, left)
    return Group(GroupKind.interval, lower, right, includes_lower=included, includes_upper=True)


def _first_value(bins: NumericBins, edge: float) -> tuple[float, bool]:
    """Return the lower end that a reader would name: edges just below a value become the value."""
    with np.errstate(under="ignore"):
        following = float(np.nextafter(edge, np.inf)) + 0.0  # no reader expects minus zero
    if following in bins.atoms or edge == bins.edges[0]:
        return following, True
    return edge, False
