"""Why did it drift: the data's own faults first, then what moved, then where it moved most."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.alarms.faults import Fault, find_faults
from core.metrics.arrays import Floats, checked_counts, shares
from core.metrics.binning import BinnedCounts, FeatureBins
from core.metrics.drift.contributions import Contribution, Move, contributions, largest_move
from core.metrics.drift.groups import Group, group_counts

MOST_FLOWS = 5
SMALLEST_FLOW = 1e-12


@dataclass(frozen=True, slots=True)
class Flow:
    """Mass that left one group for another.

    Parameters
    ----------
    origin, destination : Group
        From where to where.
    share : float
        Share of the rows.
    """

    origin: Group
    destination: Group
    share: float


@dataclass(frozen=True, slots=True)
class SlicePart:
    """What one slice has to do with the drift of the whole.

    Parameters
    ----------
    value : str
        The slice.
    part : float
        Its share of the rows that moved; the parts add up to the total variation.
    mix, within : float
        The part that comes of the slice growing or shrinking, and of its own rows moving; they add
        up to ``part``.
    n_ref, n_cur : float
        Its rows.
    """

    value: str
    part: float
    mix: float
    within: float
    n_ref: float
    n_cur: float


@dataclass(frozen=True, slots=True)
class Why:
    """The findings for one alarm.

    Parameters
    ----------
    faults : tuple of Fault
        Faults of the data that explain it, the likeliest first; empty if there is none.
    move : Move or None
        The run of groups that gained or lost the most.
    flows : tuple of Flow
        From where to where, the largest first.
    groups : tuple of Contribution
        What each group has to do with the figure.
    slices : mapping of str to tuple of SlicePart
        Per segment, the largest part first.
    """

    faults: tuple[Fault, ...]
    move: Move | None
    flows: tuple[Flow, ...]
    groups: tuple[Contribution, ...]
    slices: Mapping[str, tuple[SlicePart, ...]]


def explain(
    method: str,
    bins: FeatureBins,
    reference: BinnedCounts,
    current: BinnedCounts,
    *,
    slices: Mapping[str, Mapping[str, tuple[Floats, Floats]]] | None = None,
) -> Why:
    """Say why a feature drifted.

    Parameters
    ----------
    method : str
        Id of the drift metric that raised the alarm.
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference, current : BinnedCounts, shape (C,) or current (days, C)
        The two sides; by days, a feed that stopped can be told.
    slices : mapping of segment to mapping of value to pair of ndarray, shape (C,), optional
        Reference and current counts of each slice. The values of a segment must share no rows.

    Returns
    -------
    Why
        Typed findings; texts are made where they are shown.

    Raises
    ------
    core.errors.NotComputable
        If a side has no rows.
    core.errors.InvalidInput
        If the method is unknown, or the counts do not belong to the bins.
    """
    whole = current.merged() if current.n.ndim == 2 else current
    groups = contributions(method, bins, reference, whole)
    return Why(
        faults=find_faults(bins, reference, current),
        move=largest_move(groups),
        flows=flows(groups),
        groups=groups,
        slices={
            segment: slice_parts(
                {value: (group_counts(bins, before), group_counts(bins, after))
                 for value, (before, after) in sides.items()}
            )
            for segment, sides in (slices or {}).items()
        },
    )  # fmt: skip


def flows(parts: tuple[Contribution, ...]) -> tuple[Flow, ...]:
    """Return from where to where rows moved, with as little moving as explains the change.

    Losses are handed to gains in the order of the groups, which for numbers is the cheapest way to
    move them, and for categories is a convention. Counts cannot tell which rows moved.

    Parameters
    ----------
    parts : tuple of Contribution
        In the order of the groups.

    Returns
    -------
    tuple of Flow
        The largest five.
    """
    origins = [part.group for part in parts if part.moved < 0]
    left = [-part.moved for part in parts if part.moved < 0]
    gains = [(part.group, part.moved) for part in parts if part.moved > 0]
    found: dict[tuple[int, int], Flow] = {}
    place = 0
    for number, (destination, wanted) in enumerate(gains):
        rest = wanted
        while rest > SMALLEST_FLOW and place < len(left):
            taken = min(rest, left[place])
            found[place, number] = Flow(origins[place], destination, taken)
            rest -= taken
            left[place] -= taken
            place += left[place] <= SMALLEST_FLOW
    largest = sorted(found.values(), key=lambda flow: -flow.share)
    return tuple(flow for flow in largest if flow.share > SMALLEST_FLOW)[:MOST_FLOWS]


def slice_parts(sides: Mapping[str, tuple[Floats, Floats]]) -> tuple[SlicePart, ...]:
    r"""Split the total variation of a feature among the values of a segment.

    With :math:`P_{sb}` the share of all reference rows that are in slice s and group b, and
    :math:`Q_{sb}` that of the current rows, slice s has the part

    .. math:: c_s = \tfrac12 \sum_b \mathrm{sign}(q_b - p_b) (Q_{sb} - P_{sb}), \qquad
              \sum_s c_s = TV

    A part is negative where a slice moved against the rest. It splits into the mix,
    :math:`\tfrac12 \sum_b \mathrm{sign}_b (W'_s - W_s) p_{b|s}`, and what happened within,
    :math:`\tfrac12 W'_s \sum_b \mathrm{sign}_b (q_{b|s} - p_{b|s})`, with W the slice's share of
    the rows.

    Parameters
    ----------
    sides : mapping of str to pair of ndarray, shape (G,)
        Reference and current counts by group of each slice; the slices share no rows.

    Returns
    -------
    tuple of SlicePart
        The largest part first. A slice that is new or gone is all mix.

    Raises
    ------
    core.errors.NotComputable
        If a side has no rows.
    core.errors.InvalidInput
        If the counts differ in length.
    """
    if not sides:
        return ()
    try:
        before = np.array([pair[0] for pair in sides.values()], dtype=np.float64)
        after = np.array([pair[1] for pair in sides.values()], dtype=np.float64)
    except ValueError as error:
        raise InvalidInput(N_("The slices have different groups.")) from error
    checked_counts(before.reshape(-1), after.reshape(-1))
    if before.sum() == 0 or after.sum() == 0:
        raise NotComputable(N_("One of the two sides has no rows."))
    joint = after / after.sum() - before / before.sum()
    sign = np.sign(np.round(joint.sum(axis=0), 12))
    parts = (joint * sign).sum(axis=1) / 2
    weights = [side.sum(axis=1) / side.sum() for side in (before, after)]
    inside = [np.nan_to_num((shares(side) * sign).sum(axis=1)) for side in (before, after)]
    profile = np.where(weights[0] > 0, inside[0], inside[1])
    mix = (weights[1] - weights[0]) * profile / 2
    rows = [
        SlicePart(value, float(part), float(move), float(part - move), float(old), float(new))
        for value, part, move, old, new in zip(
            sides, parts, mix, before.sum(axis=1), after.sum(axis=1), strict=True
        )
    ]
    return tuple(sorted(rows, key=lambda row: (-row.part, row.value)))
