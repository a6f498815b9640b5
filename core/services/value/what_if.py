"""What if the cut-off moved? Answered from sums that are already in memory; nothing is changed."""

from dataclasses import dataclass, replace

import numpy as np

from core.lake.value.cells import ValueCells
from core.metrics.arrays import Booleans, Floats
from core.metrics.fairness import selection_rates
from core.metrics.fairness.groups import GroupCounts
from core.metrics.influence import gain, value_of
from core.metrics.intervals import Interval, wilson
from core.services.value.answer import ValueAnswer
from core.services.value.compared import unknown
from core.services.value.cut_offs import Scale, scale_of
from core.services.value.people import People, PeopleGroups
from core.services.value.rates import NO_RATE

NEAR = 1.25
"""Odds within this factor of the cut-off's are near it: a convention of ours, no policy's."""


@dataclass(frozen=True, slots=True)
class FairnessThen:
    """How far groups would lie apart.

    Parameters
    ----------
    column : str
        The attribute.
    ratio : float
        Lowest favourable rate of a group over the highest; NaN with fewer than two groups.
    worst, best : str
        Keys of the two groups; empty without a ratio.
    """

    column: str
    ratio: float
    worst: str
    best: str


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one way to decide would bring, over predictions that are old enough.

    Parameters
    ----------
    cut_off : float
        From which score on rows are flagged; NaN where no single one decided.
    n : int
        Predictions.
    flagged : float
        Share flagged.
    outcome_rate : Interval, scalar
        Share of positive outcomes among those not flagged, with Wilson's interval; NaN where
        outcomes of too many are not known.
    value : Interval, scalar
        Money in all over the rows whose value is known, likewise.
    near : float
        Share of rows near the cut-off, by :data:`NEAR`.
    reviewed : float
        Share of rows that people decided about as well; NaN where the log has none, and with a
        cut-off that never decided.
    fairness : tuple of FairnessThen
        By attribute, the lowest ratio first; empty for who may not see fairness.
    """

    cut_off: float
    n: int
    flagged: float
    outcome_rate: Interval
    value: Interval
    near: float
    reviewed: float
    fairness: tuple[FairnessThen, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """A cut-off beside what was decided.

    Parameters
    ----------
    today, then : Side
        As it was decided, and with the cut-off.
    gain : Interval, scalar
        How much more the cut-off would have been worth, paired row by row.
    changed : int
        Rows that would have been decided otherwise.
    why : str
        Message id of why money and outcome rate cannot be told; empty if they can.
    """

    today: Side
    then: Side
    gain: Interval
    changed: int
    why: str


def what_if(answer: ValueAnswer, cut_off: float, people: People | None = None) -> WhatIf:
    """Say what a cut-off would have brought.

    Parameters
    ----------
    answer : ValueAnswer
        From :func:`core.services.value.value`.
    cut_off : float
        Lowest score that is flagged, 0…1. It is exact for cut-offs that the answer was made with;
        any other is moved to the next cell of the score, less than 0.0005 away.
    people : People, optional
        From :func:`core.services.value.people.people`.
    """
    asked = answer.asked
    cells = answer.cells.where(answer.cells.held == 0)
    scale = scale_of(asked, cells)
    own, rest = cells.flagged == 1, scale.place >= scale.of(cut_off)
    today_at = np.nan if asked.in_force is None else asked.in_force.value
    lacking = NO_RATE if asked.lacks_rate() else ""
    why = lacking or unknown(cells, own.astype(np.float64), rest.astype(np.float64))
    groups = () if people is None else people.groups
    moved = [(each, each.flagged_from(cut_off, asked.cut_offs)) for each in groups]
    today = _side(
        cells, scale, own, today_at, tuple(_apart(each, each.flagged == 1) for each in groups)
    )
    then = _side(cells, scale, rest, cut_off, tuple(_apart(each, mask) for each, mask in moved))
    today = replace(today, reviewed=_reviewed(cells))
    apart = gain(cells.sums, rest.astype(np.float64), own.astype(np.float64))
    changed = int(cells.n[own != rest].sum())
    return WhatIf(
        today if not lacking else replace(today, value=_nothing()),
        then if not why else _untold(then),
        apart if not why else _nothing(),
        changed,
        why,
    )


def _side(
    cells: ValueCells,
    scale: Scale,
    flags: Booleans,
    cut_off: float,
    fairness: tuple[FairnessThen, ...],
) -> Side:
    n = float(cells.n.sum())
    hits, known = (float(part[~flags].sum()) for part in (cells.positives, cells.labelled))
    return Side(
        cut_off=float(cut_off),
        n=int(n),
        flagged=float(cells.n[flags].sum()) / n if n else np.nan,
        outcome_rate=wilson(hits, known),
        value=value_of(cells.sums, flags.astype(np.float64)),
        near=_near(cells, scale, cut_off),
        reviewed=np.nan,
        fairness=tuple(sorted(fairness, key=lambda each: np.nan_to_num(each.ratio, nan=np.inf))),
    )


def _near(cells: ValueCells, scale: Scale, cut_off: float) -> float:
    n = float(cells.n.sum())
    if not n or not 0 < cut_off < 1:
        return np.nan if np.isnan(cut_off) or not n else 0.0
    odds = cut_off / (1 - cut_off)
    low, high = (each / (1 + each) for each in (odds / NEAR, odds * NEAR))
    inside = (scale.place >= scale.of(low)) & (scale.place < scale.of(high))
    return float(cells.n[inside].sum()) / n


def _reviewed(cells: ValueCells) -> float:
    reviewed = float(cells.reviewed.sum())
    return reviewed / float(cells.n.sum()) if reviewed else np.nan


def _apart(groups: PeopleGroups, flags: Booleans) -> FairnessThen:
    """Return the lowest favourable rate beside the highest; groups too small are left out."""
    size = len(groups.keys)
    n = np.bincount(groups.group, groups.n, size)
    chosen = flags if groups.flagged_is_favourable else ~flags
    favourable = np.bincount(groups.group[chosen], groups.n[chosen], size)
    zeros: Floats = np.zeros(size)
    counts = GroupCounts.of(
        groups.keys,
        **dict.fromkeys(GroupCounts.__slots__[3:], zeros),
        n=n,
        favourable=favourable,
    )
    found = selection_rates(counts, minimum=groups.minimum)
    if np.isnan(found.smallest_ratio):
        return FairnessThen(groups.column, np.nan, "", "")
    worst, best = groups.keys[found.worst], groups.keys[found.best]
    return FairnessThen(groups.column, found.smallest_ratio, worst, best)


def _untold(side: Side) -> Side:
    return replace(side, outcome_rate=_nothing(), value=_nothing())


def _nothing() -> Interval:
    return Interval(*(np.asarray(np.nan) for _ in range(4)))
