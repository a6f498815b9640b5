"""The band of one KPI: drawn from past weeks, as wide as past periods say, and judged."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from core.domain.expression import KpiExpression
from core.domain.kpi_level import KpiLevel
from core.domain.windows import Grain, local_day
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.forecast import (
    NEEDED,
    Band,
    backtest,
    band_of,
    least_value,
    weeks_before,
    widened,
    widening,
)
from core.metrics.kpi import formula_values, plain_share
from core.services.kpi_forecast.answer import KpiForecast
from core.services.kpi_forecast.history import MOST_PAST, History, periods_before
from core.services.kpis.judged import judged_level
from core.services.questions import View

TOO_RARE = N_(
    "There are weeks without predictions, so there is nothing to draw the other days from."
)
TOO_FEW = N_("There are {n} past periods to learn from, and it takes {needed}.")
NO_BAND = N_("Past periods came out too unevenly for a band.")


def drawn_forecast(
    view: View, by: Grain, told: KpiForecast, days: History, over: date
) -> KpiForecast | None:
    """Return a forecast with its band and its record, or with the reason why there is none.

    Parameters
    ----------
    view : View
        The question made exact.
    by : {"month", "quarter", "year"}
        Length of a period.
    told : KpiForecast
        Of which KPI and period; nothing is expected yet.
    days : History
        The KPI by day.
    over : date
        The last day that is over.

    Returns
    -------
    KpiForecast or None
        ``None`` if no rows come on the days that are left.
    """
    expression = told.definition.expression
    start, stop = local_day(told.period.start, view.timezone), told.last_day + timedelta(days=1)
    now = days.opened(start, stop, over)
    if now is None:
        why = TOO_FEW if days.is_young(over) else TOO_RARE
        return replace(told, why=why, params=_counted(0))
    later = _rows_left(days, over, now.days_left)
    if expression is None or not later:
        return None
    begun = days.total(over + timedelta(days=1), stop)
    now = replace(now, begun=begun)
    value = _value_of(expression)
    tested = backtest(days.past(periods_before(start, by, MOST_PAST), now.days_left), value)
    if len(tested.misses) < NEEDED:
        return replace(told, why=TOO_FEW, params=_counted(len(tested.misses)))
    so_far = now.known + begun
    band = _within(expression, band_of(now, value), widening(tested.misses), so_far, days.sums)
    if not (math.isfinite(band.low) and math.isfinite(band.high)):
        return replace(told, why=NO_BAND)
    n = round(float(days.rows[days.place(start) : days.place(over) + 1].sum()) + later)
    told = replace(told, backtest=tested, n=n, so_far=float(value(so_far)))
    return _judged(view, told, band)


def _value_of(expression: KpiExpression) -> Callable[[Floats], Floats]:
    def value(sums: Floats) -> Floats:
        return formula_values(expression.root, sums)

    return value


def _counted(n: int) -> dict[str, object]:
    return {"n": n, "needed": NEEDED}


def _rows_left(days: History, over: date, left: int) -> float:
    """Return how many rows the days that are left should have."""
    weeks = weeks_before(days.rows[:, None], days.place(over), days.weeks)
    if weeks is None:
        return 0.0
    week = weeks.mean(axis=0)[:, 0]
    return float(week.sum() * (left // 7) + week[: left % 7].sum())


def _within(
    expression: KpiExpression, band: Band, factor: float, so_far: Floats, days: Floats
) -> Band:
    """Return a band as wide as past periods say, and within what can be."""
    least = least_value(expression.root, so_far, np.asarray((days >= 0).all(axis=0)))
    most = math.inf if plain_share(expression) is None else 1.0
    return widened(band, factor, least=least, most=most)


def _judged(view: View, told: KpiForecast, band: Band) -> KpiForecast:
    """Return how a KPI should stand: as both ends of its band do, else at risk."""
    ends = [
        judged_level(view, told.definition, told.period, "", (each, each, each), told.n)
        for each in (band.low, band.high)
    ]
    levels = {level for _, level in ends}
    level = levels.pop() if len(levels) == 1 else KpiLevel.at_risk
    return replace(
        told,
        value=band.value,
        low=band.low,
        high=band.high,
        target=ends[0][0],
        level=level,
    )
