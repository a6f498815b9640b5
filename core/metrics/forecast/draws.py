"""The days of a period that are left, drawn from the weeks before them.

A KPI is a function of sums that add up by day. The days that are over are known. Those that are
left are put together of whole past weeks, each weekday in its place, so that whatever belongs to
one day or one week stays together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from core.domain.expression import Combined, Constant, Formula, Reference
from core.metrics.arrays import Booleans, Floats

COVERAGE = 0.8
"""Share of the periods whose figure a band should hold."""

DRAWS = 1_000
_SEED = 20_260_101
_WEEK = 7
_MOST_UNKNOWN = 0.1  # of the draws may have no value, such as a ratio without rows

Value: TypeAlias = Callable[[Floats], Floats]
"""Returns the KPI, shape (...), of its sums, shape (..., A)."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenPeriod:
    """A period of which some days are over; arrays of the KPI's A sums.

    Parameters
    ----------
    known : ndarray, shape (A,)
        Sums over the days that are over.
    weeks : ndarray, shape (W, 7, A)
        Sums of the days of past weeks; each begins with the weekday of the first day left.
    days_left : int
        Days that are not over.
    begun : ndarray, shape (A,), optional
        What the first of these days has already.
    """

    known: Floats
    weeks: Floats
    days_left: int
    begun: Floats | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected, and between which limits it should come to lie."""

    value: float
    low: float
    high: float


def weeks_before(days: Floats, day: int, count: int) -> Floats | None:
    """Return the weeks that end with a day, shape (count, 7, A), the oldest first.

    Parameters
    ----------
    days : ndarray, shape (D, A)
        Sums by day.
    day : int
        Place of the last day.
    count : int
        Number of weeks.

    Returns
    -------
    ndarray or None
        ``None`` if there are not as many days.
    """
    first = day + 1 - count * _WEEK
    if first < 0:
        return None
    return days[first : day + 1].reshape(count, _WEEK, -1)


def expected_total(period: OpenPeriod) -> Floats:
    """Return the sums that a period should end with, shape (A,): each weekday at its mean."""
    week = period.weeks.mean(axis=0)
    blocks, rest = divmod(period.days_left, _WEEK)
    total = period.known + blocks * week.sum(axis=0) + week[:rest].sum(axis=0)
    if period.days_left and period.begun is not None:
        total = total + _lacking(period, week[0])
    return np.asarray(total, dtype=np.float64)


def likely_totals(period: OpenPeriod, draws: int = DRAWS, seed: int = _SEED) -> Floats:
    """Return the sums that a period may end with, shape (draws, A).

    Parameters
    ----------
    period : OpenPeriod
        What is known, and the weeks to draw from.
    draws : int
        How many; week by week with replacement.
    seed : int
        Of the random numbers, so that the same log has the same band.
    """
    generator = np.random.default_rng(seed)
    blocks, rest = divmod(period.days_left, _WEEK)
    chosen = generator.integers(len(period.weeks), size=(draws, blocks + (rest > 0)))
    found = period.known + period.weeks.sum(axis=1)[chosen[:, :blocks]].sum(axis=1)
    if rest:
        found = found + period.weeks[:, :rest].sum(axis=1)[chosen[:, blocks]]
    if period.days_left and period.begun is not None:
        found = found + _lacking(period, period.weeks[chosen[:, 0], 0])
    return np.asarray(found, dtype=np.float64)


def _lacking(period: OpenPeriod, drawn: Floats) -> Floats:
    """Return what a drawn first day lacks of what it has already, of sums that only grow."""
    if period.begun is None:
        return np.zeros_like(drawn)
    grows = (period.weeks >= 0).all(axis=(0, 1)) & (period.begun >= 0)
    lacking: Floats = np.where(grows, np.maximum(period.begun - drawn, 0.0), 0.0)
    return lacking


def band_of(period: OpenPeriod, value: Value) -> Band:
    """Return what a KPI is expected to be at the end of a period, as the draws alone say.

    Returns
    -------
    Band
        NaN where it cannot be computed, or in more than a tenth of the draws.
    """
    point = float(value(expected_total(period)))
    drawn = value(likely_totals(period))
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(point) or drawn.size < (1 - _MOST_UNKNOWN) * DRAWS:
        return Band(point, np.nan, np.nan)
    tail = (1 - COVERAGE) / 2
    low, high = (float(each) for each in np.quantile(drawn, (tail, 1 - tail)))
    return Band(point, min(low, point), max(high, point))


def widened(band: Band, factor: float, *, least: float = -np.inf, most: float = np.inf) -> Band:
    """Return a band whose limits lie ``factor`` times as far out, but within what can be."""
    value = min(max(band.value, least), most)
    return Band(
        value,
        max(min(value - factor * (band.value - band.low), value), least),
        min(max(value + factor * (band.high - band.value), value), most),
    )


def least_value(root: Formula, known: Floats, grows: Booleans | Sequence[bool]) -> float:
    """Return below what a KPI cannot end: what is there already, or zero; ``-inf`` if it can.

    Parameters
    ----------
    root : Formula
        How the KPI is computed from its sums.
    known : ndarray, shape (A,)
        Sums so far.
    grows : sequence of bool, shape (A,)
        Whether a sum never falls from one day to the next.
    """
    match root:
        case Constant(value=value):
            return float(value) if value >= 0 else -np.inf
        case Reference(index=index):
            return float(known[index]) if grows[index] else -np.inf
        case Combined(operator=operator, left=left, right=right):
            one, other = (least_value(each, known, grows) for each in (left, right))
            if operator == "-" or min(one, other) < 0:
                return -np.inf
            return {"+": one + other, "*": one * other}.get(operator, 0.0)
        case _:
            return -np.inf
