"""Faults of the data that look like drift: new values, another unit, nulls, a frozen feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.binning import (
    CODE_OFFSET,
    BinnedCounts,
    CategoricalBins,
    FeatureBins,
    NumericBins,
)

UNITS: tuple[tuple[float, str], ...] = (
    *((10.0**power, "decimal") for power in range(1, 10)),
    (60.0, "minutes"),
    (3600.0, "hours"),
    (86400.0, "days"),
    (24.0, "hours a day"),
    (7.0, "weeks"),
    (12.0, "months a year"),
    (52.0, "weeks a year"),
    (365.25, "days a year"),
    (1024.0, "binary"),
    (1048576.0, "binary"),
    (2.20462, "pounds"),
    (1.609344, "miles"),
    (3.28084, "feet"),
    (2.54, "inches"),
    (7.8, "HKD a USD"),
)
"""Factors between units that are mixed up; each counts both ways."""

FAR_FACTOR = 5.0
FAR_TOLERANCE, NEAR_TOLERANCE, MEDIAN_TOLERANCE = 0.1, 0.05, 1.5
PARTIAL_SHARE = 0.01
NEW_SHARE = 0.001
BURST_GAIN, BURST_RATIO = 0.01, 2.0
FROZEN_SHARE, FROZEN_DAYS = 0.99, 2


@dataclass(frozen=True, slots=True)
class NewValue:
    """A categorical feature has values that the reference does not know."""

    share: float
    n: float


@dataclass(frozen=True, slots=True)
class UnitChange:
    """Values are a known factor larger or smaller than before.

    Parameters
    ----------
    factor : float
        Known factor that is nearest: current over reference.
    ratio : float
        Ratio that was found.
    unit : str
        Where the factor is known from.
    share : float
        Share of the rows with a value that are off by it.
    """

    factor: float
    ratio: float
    unit: str
    share: float


@dataclass(frozen=True, slots=True)
class NullBurst:
    """Far more values are missing than in the reference; shares of the rows."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class FrozenFeed:
    """The feature has one value only, where the reference has many.

    Parameters
    ----------
    days : int
        Days on end, up to the newest, with one value; all of them if days are not told apart.
    share : float
        Share of the frozen rows with a value that have it.
    value : float or str
        The value; for numbers the mean of its bin.
    """

    days: int
    share: float
    value: float | str


Fault = NewValue | UnitChange | NullBurst | FrozenFeed


def find_faults(
    bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts
) -> tuple[Fault, ...]:
    """Return faults of the data that may explain a drift.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Bins of the feature.
    reference : BinnedCounts, shape (C,)
        The reference.
    current : BinnedCounts, shape (C,) or (days, C)
        The current data.

    Returns
    -------
    tuple of Fault
        A frozen feed, a burst of nulls, another unit, new values, in this order.
    """
    whole = current.merged() if current.n.ndim == 2 else current
    found = (
        frozen_feed(bins, reference, current),
        null_burst(reference, whole),
        unit_change(bins, reference, whole),
        new_value(bins, reference, whole),
    )
    return tuple(fault for fault in found if fault is not None)


def new_value(bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts) -> NewValue | None:
    """Find values that the reference lacks, from one row in a thousand."""
    if not isinstance(bins, CategoricalBins):
        return None
    column = bins.unseen_code + CODE_OFFSET
    rows, n = float(current.n.sum()), float(current.n[column])
    if rows == 0 or reference.n[column] > 0 or n / rows < NEW_SHARE:
        return None
    return NewValue(n / rows, n)


def null_burst(reference: BinnedCounts, current: BinnedCounts) -> NullBurst | None:
    """Find a share of missing values that grew by a hundredth of the rows, and to the double."""
    before, after = (
        float(side.n[:CODE_OFFSET].sum() / side.n.sum()) if side.n.sum() > 0 else 0.0
        for side in (reference, current)
    )
    grown = after - before >= BURST_GAIN and after >= BURST_RATIO * before
    return NullBurst(before, after) if grown else None


def unit_change(
    bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts
) -> UnitChange | None:
    """Find values that are off by a factor between units.

    All rows: the ratio of the means is near a known factor (within 10 %, and 5 % for factors under
    5), and that of the medians, which bins tell less exactly, not far from it. Some rows: those
    beyond the reference's range, at least one in a hundred, have a mean that is a power of ten
    times the reference's.
    """
    if not isinstance(bins, NumericBins) or reference.total is None or current.total is None:
        return None
    valued = [side.n[CODE_OFFSET:] for side in (reference, current)]
    totals = [reference.total[CODE_OFFSET:], current.total[CODE_OFFSET:]]
    if not all(n.sum() > 0 for n in valued) or not np.isfinite([t.sum() for t in totals]).all():
        return None
    medians = [_median(n, total) for n, total in zip(valued, totals, strict=True)]
    means = [float(total.sum() / n.sum()) for n, total in zip(valued, totals, strict=True)]
    ratio = _ratio(means[1], means[0])
    known = _known_factor(ratio)
    middle = _ratio(medians[1], medians[0])
    if known and abs(np.log(middle / known[0])) <= np.log(MEDIAN_TOLERANCE):
        return UnitChange(known[0], ratio, known[1], 1.0)
    for place in (0, -1):
        share = float(valued[1][place] / valued[1].sum())
        if share >= PARTIAL_SHARE:
            ratio = _ratio(float(totals[1][place] / valued[1][place]), means[0])
            known = _known_factor(ratio)
            if known and known[1] == "decimal":
                return UnitChange(known[0], ratio, known[1], share)
    return None


def _ratio(after: float, before: float) -> float:
    return after / before if before != 0 and after / before > 0 else float("nan")


def _known_factor(ratio: float) -> tuple[float, str] | None:
    if not ratio > 0:
        return None
    candidates = [(factor, unit) for known, unit in UNITS for factor in (known, 1 / known)]
    factor, unit = min(candidates, key=lambda entry: abs(np.log(ratio / entry[0])))
    far = max(factor, 1 / factor) >= FAR_FACTOR
    tolerance = FAR_TOLERANCE if far else NEAR_TOLERANCE
    return (factor, unit) if abs(np.log(ratio / factor)) <= np.log1p(tolerance) else None


def _median(n: Floats, totals: Floats) -> float:
    """Return the mean of the bin that holds the middle row."""
    place = int(np.searchsorted(np.cumsum(n), n.sum() / 2))
    return float(totals[place] / n[place])


def frozen_feed(
    bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts
) -> FrozenFeed | None:
    """Find a feature that shows one value only.

    99 of a hundred values fall into one bin whose lowest and highest value are equal (for a
    category, into one), and that bin had less than half of the reference. By days: the newest days
    on end, at least two, that all show the same.
    """
    if current.n.ndim == 1:
        place = _frozen_place(bins, reference, current)
        return None if place is None else _frozen(bins, current, place, 1)
    days = [_frozen_place(bins, reference, _day(current, day)) for day in range(len(current.n))]
    last, run = _newest_run([place for place in days if place != _EMPTY])
    if last is None or run < FROZEN_DAYS:
        return None
    rows = [day for day, place in enumerate(days) if place == last][-run:]
    merged = BinnedCounts(
        current.n[rows].sum(axis=0),
        None if current.total is None else current.total[rows].sum(axis=0),
    )
    return _frozen(bins, merged, last, run)


_EMPTY = -1


def _newest_run(places: Sequence[int | None]) -> tuple[int | None, int]:
    runs = [(place, len(list(days))) for place, days in groupby(places)]
    return runs[-1] if runs else (None, 0)


def _day(current: BinnedCounts, day: int) -> BinnedCounts:
    parts = (current.total, current.low, current.high)
    return BinnedCounts(current.n[day], *(None if part is None else part[day] for part in parts))


def _frozen_place(bins: FeatureBins, reference: BinnedCounts, current: BinnedCounts) -> int | None:
    """Return the only column in use; -1 without rows, None if there are several."""
    valued = current.n[CODE_OFFSET:]
    rows = float(valued.sum())
    if rows == 0:
        return _EMPTY
    place = int(valued.argmax())
    usual = reference.n[CODE_OFFSET:]
    if valued[place] < FROZEN_SHARE * rows or usual[place] * 2 >= usual.sum():
        return None
    column = place + CODE_OFFSET
    if isinstance(bins, NumericBins):
        if current.low is None or current.high is None:
            return None
        return column if current.low[column] == current.high[column] else None
    return None if place in (bins.rest_code, bins.unseen_code) else column


def _frozen(bins: FeatureBins, current: BinnedCounts, column: int, days: int) -> FrozenFeed | None:
    if column == _EMPTY:
        return None
    share = float(current.n[column] / current.n[CODE_OFFSET:].sum())
    if isinstance(bins, CategoricalBins):
        return FrozenFeed(days, share, bins.values[column - CODE_OFFSET])
    if current.total is None:
        return None
    return FrozenFeed(days, share, float(current.total[column] / current.n[column]))
