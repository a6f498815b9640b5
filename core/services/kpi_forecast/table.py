"""Forecasts as plain rows, for the command line."""

from dataclasses import dataclass
from datetime import date

from core.domain.kpi_level import KpiLevel
from core.metrics.forecast import COVERAGE, no_better_than
from core.services.figures import FigureRow, chunk_entry
from core.services.kpi_forecast.answer import KpiForecast, KpiForecasts


@dataclass(frozen=True, slots=True)
class ForecastRow(FigureRow):
    """What one KPI should be at the end of a period.

    Parameters
    ----------
    low, high : float
        The band; NaN where there is none.
    coverage : float
        Share of the periods whose figure a band should hold.
    so_far : float
        Figure of what is in the log.
    unit : str
        As the contract says it; ``money`` is in ``currency``.
    currency : str, optional
        Of money.
    known_until, final_on : date, optional
        The last day that counts as over, and from when on the figure is final.
    target : dict, optional
        ``value``, ``set_on`` and ``set_by`` of what it should reach.
    standing : KpiLevel
        How it should stand at the end.
    backtest : dict, optional
        ``periods``, ``checked``, ``held``, mean absolute errors (``error``, ``error_of_last``,
        ``error_of_pace``) and ``no_better_than``.
    """

    low: float
    high: float
    coverage: float
    so_far: float
    unit: str
    currency: str | None
    known_until: date | None
    final_on: date
    target: dict[str, object] | None
    standing: KpiLevel
    backtest: dict[str, object] | None


def rows_of_forecasts(answer: KpiForecasts) -> list[ForecastRow]:
    """Return a row for each KPI whose newest period is not over."""
    return [_row(answer, each) for each in answer.kpis]


def _row(answer: KpiForecasts, told: KpiForecast) -> ForecastRow:
    definition, target = told.definition, told.target
    return ForecastRow(
        metric="kpi_forecast",
        method=definition.id,
        column="",
        slice=answer.view.question.slice,
        chunk=chunk_entry(told.period, told.n),
        value=told.value,
        threshold=definition.act,
        alert=False,
        status=told.reason or "ok",
        level=str(told.level.status),
        low=told.low,
        high=told.high,
        coverage=COVERAGE,
        so_far=told.so_far,
        unit=definition.unit,
        currency=definition.currency,
        known_until=told.known_until,
        final_on=told.final_on,
        target=None
        if target is None
        else {"value": target.value, "set_on": target.set_on, "set_by": target.set_by},
        standing=told.level,
        backtest=_record(told),
    )


def _record(told: KpiForecast) -> dict[str, object] | None:
    found = told.backtest
    if found is None:
        return None
    return {
        "periods": len(found.misses),
        "checked": found.checked,
        "held": found.held,
        "error": found.error,
        "error_of_last": found.error_of_last,
        "error_of_pace": found.error_of_pace,
        "no_better_than": no_better_than(found) or None,
    }
