"""What the page Outcomes expects of the period that is not over: cards, words and chart."""

from app.charts import Expected
from app.components import note
from app.context import PageContext
from app.screens.outcomes.periods import Sides
from core.i18n import Translator
from core.services.kpi_forecast import (
    KpiForecast,
    KpiForecasts,
    expected_text,
    forecast_text,
    kpi_forecasts,
)


def forecasts_of(ctx: PageContext, sides: Sides) -> KpiForecasts:
    """Return what is expected of the KPIs, from the whole log up to the day of knowledge."""
    return kpi_forecasts(ctx.workspace, sides.view.question, actor=ctx.actor)


def told_of(forecasts: KpiForecasts, sides: Sides, kpi: str) -> KpiForecast | None:
    """Return the forecast of a KPI whose period is among those shown; ``None`` without one."""
    told = forecasts.of(kpi)
    shown = {chunk.key for chunk in sides.view.chunks}
    return told if told is not None and told.period.key in shown else None


def card_line(t: Translator, told: KpiForecast | None) -> str:
    """Return the line of a card; empty without a forecast."""
    return "" if told is None else expected_text(t, told)


def show_forecast(ctx: PageContext, forecasts: KpiForecasts, told: KpiForecast | None) -> None:
    """Say what is expected by when and how far such forecasts were right, or why there is none."""
    if told is not None:
        note(forecast_text(ctx.t, told, forecasts))


def expected_of(told: KpiForecast | None, sides: Sides) -> Expected | None:
    """Return what the chart draws of a forecast; ``None`` without one."""
    if told is None or told.why:
        return None
    chunk = next(each for each in sides.view.chunks if each.key == told.period.key)
    return Expected(sides.view.local_starts([chunk])[0], told.value, told.low, told.high)


def explained(t: Translator) -> str:
    """Return how a forecast is made, for the foot of the page."""
    return t(
        "The days that are left are drawn 1,000 times from the weeks just before. The band is made "
        "so wide that it would have held the value in 4 of 5 past periods, each forecast with as "
        "many days left. On track: the target is met anywhere in the band. Likely to be missed: "
        "nowhere in the band. At risk: all else."
    )
