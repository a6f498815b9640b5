"""Where drift comes from: the part of every group, and the largest move of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, checked_counts, shares
from core.metrics.binning import (
    CODE_OFFSET,
    BinnedCounts,
    FeatureBins,
    NumericBins,
)
from core.metrics.drift.chi2 import cramers_v_terms
from core.metrics.drift.groups import Group, GroupKind, describe_groups, group_counts
from core.metrics.drift.hellinger import hellinger_terms
from core.metrics.drift.jensen_shannon import jensen_shannon_terms
from core.metrics.drift.psi import psi_terms
from core.metrics.drift.total_variation import share_differences
from core.metrics.drift.wasserstein import SUMS_MESSAGE, wasserstein_terms
from core.metrics.registry import metric

_ORDERED = (GroupKind.below, GroupKind.interval, GroupKind.above)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group has to do with the drift.

    Parameters
    ----------
    group : Group
        The group.
    reference_share, current_share : float
        Its share of the rows on either side.
    moved : float
        Current less reference share.
    part : float
        Its part of the metric; the parts add up to 1, or are all 0 if nothing moved.
    """

    group: Group
    reference_share: float
    current_share: float
    moved: float
    part: float


@dataclass(frozen=True, slots=True)
class Move:
    """Neighbouring groups whose shares all rose, or all fell.

    Parameters
    ----------
    group : Group
        The groups as one; an open end is None.
    reference_share, current_share : float
        Their share of the rows on either side.
    moved : float
        Current less reference share.
    """

    group: Group
    reference_share: float
    current_share: float
    moved: float


def contributions(
    method: str, bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts
) -> tuple[Contribution, ...]:
    """Split one drift figure among the coarse groups.

    Parts are the summands of the metric (for distances with a root, of what stands under it); for
    Wasserstein the areas; for the maxima L-infinity and Kolmogorov–Smirnov, and for the shift of
    the normal scores, the moved shares.

    Parameters
    ----------
    method : str
        Id of a drift metric.
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference, current : BinnedCounts, shape (C,)
        The two sides, one chunk.

    Returns
    -------
    tuple of Contribution
        One per group, in order.

    Raises
    ------
    core.errors.NotComputable
        If a side has no rows.
    core.errors.InvalidInput
        If the method is unknown, or Wasserstein is asked for without the sums of the bins.
    """
    metric(method, "drift")
    ref, cur = checked_counts(group_counts(bins, reference.n), group_counts(bins, current.n))
    if ref.sum() == 0 or cur.sum() == 0:
        raise NotComputable(N_("One of the two sides has no rows."))
    terms = _terms(method, bins, reference, current, ref, cur)
    total = float(terms.sum())
    parts = terms / total if total > 0 else np.zeros_like(terms)
    before, after = shares(ref), shares(cur)
    return tuple(
        Contribution(group, float(p), float(q), float(q - p), float(part))
        for group, p, q, part in zip(describe_groups(bins), before, after, parts, strict=True)
    )


def _terms(
    method: str,
    bins: FeatureBins,
    reference: BinnedCounts,
    current: BinnedCounts,
    ref: Floats,
    cur: Floats,
) -> Floats:
    if method == "wasserstein" and isinstance(bins, NumericBins):
        return _wasserstein_parts(bins, reference, current)
    terms = {
        "psi": psi_terms,
        "jensen_shannon": jensen_shannon_terms,
        "hellinger": hellinger_terms,
        "chi2": cramers_v_terms,
    }
    return terms.get(method, share_differences)(ref, cur)


def _wasserstein_parts(bins: NumericBins, reference: BinnedCounts, current: BinnedCounts) -> Floats:
    if reference.total is None or current.total is None:
        raise InvalidInput(SUMS_MESSAGE)
    areas = wasserstein_terms(
        reference.n[CODE_OFFSET:],
        current.n[CODE_OFFSET:],
        reference_totals=reference.total[CODE_OFFSET:],
        current_totals=current.total[CODE_OFFSET:],
        edges=bins.edge_array,
    )
    finite = np.where(np.isfinite(areas), areas, 0.0)
    return group_counts(bins, np.concatenate([np.zeros(CODE_OFFSET), finite]))


def largest_move(parts: Sequence[Contribution]) -> Move | None:
    """Return the run of neighbouring groups that gained or lost the most rows.

    Groups of a numeric feature that lie side by side and moved the same way count as one, so the
    answer reads "loans under US$25,000" rather than a list of deciles. A group that did not move
    joins its neighbours, so an empty range below or above leaves that end open. A gain wins over an
    equal loss.

    Parameters
    ----------
    parts : sequence of Contribution
        What :func:`contributions` returned.

    Returns
    -------
    Move or None
        None if nothing moved.
    """
    runs: list[Move] = []
    joinable = False
    for part in parts:
        ordered = part.group.kind in _ORDERED
        if ordered and joinable and runs[-1].moved * part.moved >= 0:
            runs[-1] = _joined(runs[-1], part)
        else:
            runs.append(Move(part.group, part.reference_share, part.current_share, part.moved))
        joinable = ordered
    moved = [run for run in runs if run.moved != 0]
    return max(moved, key=lambda run: (round(abs(run.moved), 12), run.moved), default=None)


def _joined(run: Move, part: Contribution) -> Move:
    first, last = run.group, part.group
    if run.moved == 0:
        first = last if first.lower is not None else replace(last, lower=None, includes_lower=False)
    if part.moved != 0 or last.upper is None:
        first = replace(
            first,
            kind=GroupKind.interval,
            upper=last.upper,
            includes_upper=last.includes_upper,
        )
    return Move(
        first,
        run.reference_share + part.reference_share,
        run.current_share + part.current_share,
        run.moved + part.moved,
    )
