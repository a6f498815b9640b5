"""How well past periods would have been told on a day with as many days left.

Each period is forecast from what lay before that day. A miss is measured in half-widths of the
band that the draws alone gave, so that it says by what factor the band should have been wider. The
factor of a period is the conformal quantile of the misses of the periods before it: bands are
judged by periods that had no part in making them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.forecast.draws import COVERAGE, Band, OpenPeriod, Value, band_of

WARM_UP = 4
"""Periods that only widen bands: of fewer misses there is no quantile."""

NEEDED = 12
"""Past periods, before a band is shown."""

_ALIKE = 1e-9  # relative difference below which a figure is what was expected


@dataclass(frozen=True, slots=True, eq=False)
class PastPeriod:
    """A period that is over, as it was some days before its end.

    Parameters
    ----------
    then : OpenPeriod
        What was known.
    total : ndarray, shape (A,)
        The sums that it ended with.
    before : ndarray, shape (A,)
        The sums of the period before it; NaN if that is not wholly in the log.
    days : int
        Its length.
    """

    then: OpenPeriod
    total: Floats
    before: Floats
    days: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What forecasts of past periods came to.

    Parameters
    ----------
    misses : tuple of float
        Of each period, the oldest first, in half-widths of the draws' band; infinite where that
        has no width and the figure was another.
    checked, held : int
        Periods after the first :data:`WARM_UP`, and those of them whose band held the figure.
    error, error_of_last, error_of_pace : float
        Mean absolute error of the forecast, of the figure of the period before, and of the period
        so far at its own pace, over the periods that all three can be told of; NaN of none.
    """

    misses: tuple[float, ...]
    checked: int
    held: int
    error: float
    error_of_last: float
    error_of_pace: float


def backtest(periods: Sequence[PastPeriod], value: Value) -> Backtest:
    """Forecast past periods, the oldest first; those without a figure are left out.

    Parameters
    ----------
    periods : sequence of PastPeriod
        In the order of time.
    value : callable
        Returns the KPI of its sums.
    """
    misses: list[float] = []
    errors: list[list[float]] = []
    held = 0
    for period in periods:
        band, actual = band_of(period.then, value), float(value(period.total))
        if not (math.isfinite(actual) and math.isfinite(band.low)):
            continue
        missed = _miss(band, actual)
        held += len(misses) >= WARM_UP and missed <= widening(misses)
        misses.append(missed)
        peers = float(value(period.before)), _at_pace(period, value)
        if all(math.isfinite(each) for each in peers):
            told = (band.value, *peers)
            errors.append([abs(each - actual) for each in told])
    mean = np.asarray(errors).mean(axis=0).tolist() if errors else [math.nan] * 3
    return Backtest(tuple(misses), max(0, len(misses) - WARM_UP), held, *mean)


def widening(misses: Sequence[float]) -> float:
    """Return by what factor a band is widened so that it would have held enough past figures.

    The smallest of the misses that at least the :data:`COVERAGE` of one more than there are do not
    exceed (split conformal prediction: Vovk et al., 2005); never below 1, and 1 of too few.
    """
    place = math.ceil(COVERAGE * (len(misses) + 1))
    return max(1.0, sorted(misses)[place - 1]) if 0 < place <= len(misses) else 1.0


def no_better_than(found: Backtest) -> str:
    """Return the simpler way that came as near: ``last``, ``pace``; empty if none did."""
    near = {"last": found.error_of_last, "pace": found.error_of_pace}
    best = min(near, key=lambda each: near[each])
    return best if near[best] <= found.error * (1 + _ALIKE) else ""


def _miss(band: Band, actual: float) -> float:
    apart = actual - band.value
    if abs(apart) <= _ALIKE * max(abs(actual), abs(band.value)):
        return 0.0
    half = band.high - band.value if apart > 0 else band.value - band.low
    return abs(apart) / half if half > 0 else math.inf


def _at_pace(period: PastPeriod, value: Value) -> float:
    """Return the figure of the days that were over, each other day like their mean."""
    over = period.days - period.then.days_left
    if over <= 0:
        return math.nan
    return float(value(period.then.known * (period.days / over)))
