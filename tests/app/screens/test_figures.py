"""A figure reads in its unit in each language."""

import math

import pytest

from app.screens.figures import figure_text, figure_unit
from core.i18n import translator
from core.metrics.registry import METRICS

NAN = math.nan


@pytest.mark.parametrize(
    ("metric", "value", "own", "written"),
    [
        ("business_value", -1_234_567.0, "", ("−HK$1.23M", "−1.23 百萬港元", "−123万港元")),
        ("precision", 0.58268, "", ("58.3%", "58.3%", "58.3%")),
        ("wape", 0.229, "", ("22.9%", "22.9%", "22.9%")),
        ("roc_auc", 0.76412, "", ("0.764", "0.764", "0.764")),
        ("mae", 2_500.0, "USD", ("US$2.5K", "2,500 美元", "2,500美元")),
        ("bias", -4.25, "months", ("−4.25 months", "−4.25 months", "−4.25 months")),
        ("mae", 4.25, "%", ("4.25%", "4.25%", "4.25%")),
        ("mse", 18.0625, "months", ("18.1", "18.1", "18.1")),
        ("latency_p95", 264.0, "", ("264 ms", "264 ms", "264 ms")),
        ("business_value", NAN, "", ("–", "–", "–")),
        ("mae", NAN, "months", ("–", "–", "–")),
        ("precision", NAN, "", ("–", "–", "–")),
        ("f1", NAN, "", ("–", "–", "–")),
    ],
)
def test_a_figure(metric: str, value: float, own: str, written: tuple[str, str, str]) -> None:
    for locale, text in zip(("en", "zh-HK", "zh-CN"), written, strict=True):
        found = figure_text(translator(locale), METRICS[metric], value, currency="HKD", own=own)
        assert found == text


def test_an_age_reads_as_a_duration() -> None:
    found = figure_text(translator("en"), METRICS["freshness"], 72.0, currency="HKD")
    assert found == "3 days"


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_a_unit_to_write(metric: str) -> None:
    t = translator("en")
    assert "0" in figure_text(t, METRICS[metric], 0.0, currency="HKD")


def test_units_of_an_axis() -> None:
    found = {
        name: figure_unit(METRICS[name], currency="HKD", own="years")
        for name in ("business_value", "recall", "mape", "mae", "mse", "latency_p50", "brier_score")
    }
    assert found == {
        "business_value": "HKD",
        "recall": "%",
        "mape": "%",
        "mae": "years",
        "mse": "years²",
        "latency_p50": "ms",
        "brier_score": "",
    }
    assert figure_unit(METRICS["mse"], currency="HKD") == ""
    assert figure_unit(METRICS["freshness"], currency="HKD") == "h"
