"""KPIs to the end of the period that is not over: an expected figure, its band, and its record."""

from core.services.kpi_forecast.answer import KpiForecast, KpiForecasts
from core.services.kpi_forecast.forecast import kpi_forecasts
from core.services.kpi_forecast.table import ForecastRow, rows_of_forecasts
from core.services.kpi_forecast.words import expected_text, forecast_text

__all__ = [
    "ForecastRow",
    "KpiForecast",
    "KpiForecasts",
    "expected_text",
    "forecast_text",
    "kpi_forecasts",
    "rows_of_forecasts",
]
