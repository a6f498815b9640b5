"""What a figure of a period that is not over will be at its end, and how well that was told."""

from core.metrics.forecast.backtest import (
    NEEDED,
    WARM_UP,
    Backtest,
    PastPeriod,
    backtest,
    no_better_than,
    widening,
)
from core.metrics.forecast.draws import (
    COVERAGE,
    Band,
    OpenPeriod,
    band_of,
    expected_total,
    least_value,
    likely_totals,
    weeks_before,
    widened,
)

__all__ = [
    "COVERAGE",
    "NEEDED",
    "WARM_UP",
    "Backtest",
    "Band",
    "OpenPeriod",
    "PastPeriod",
    "backtest",
    "band_of",
    "expected_total",
    "least_value",
    "likely_totals",
    "no_better_than",
    "weeks_before",
    "widened",
    "widening",
]
