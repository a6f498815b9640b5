"""How figures of KPIs are written; changes are tested with the page Outcomes."""

import math

import pytest

from core.i18n import translator
from core.services.kpis.words import Measure, change_text, effect_text, value_text

T = translator("en")
SHARE = Measure("share", "", "lower")
MONEY = Measure("money", "HKD", "higher")
HOURS = Measure("hours", "", "lower")
PLAIN = Measure("number", "", None)


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        (SHARE, 0.0266, "+2.66 points"),
        (SHARE, -0.0002, "−0.02 points"),
        (SHARE, 0.000001, "0.00 points"),
        (SHARE, math.nan, "–"),
        (MONEY, -1_610_000.0, "−HK$1.61M"),
        (MONEY, 0.0, "HK$0"),
        (HOURS, 0.0625, "+0.1 hours"),
        (HOURS, -0.03, "0 hours"),
        (PLAIN, 1.71, "+1.71"),
        (PLAIN, -12345.6, "−12,346"),
    ],
)
def test_what_a_cause_added(measure: Measure, value: float, text: str) -> None:
    assert effect_text(T, measure, value) == text


def test_a_change_written_as_nothing_is_not_judged() -> None:
    assert change_text(T, HOURS, -0.03) == "→ 0 hours"
    assert change_text(T, HOURS, -0.3) == "↓ −0.3 hours better"
    assert change_text(T, SHARE, 0.00001) == "→ 0.0 pts"
    assert change_text(T, MONEY, 0.001) == "→ HK$0"


def test_a_figure_is_written_in_its_unit() -> None:
    written = [
        value_text(T, SHARE, 0.2031),
        value_text(T, MONEY, 5.57e6),
        value_text(T, HOURS, 5.83),
        value_text(T, Measure("count", "", None), 12_345.0),
        value_text(T, PLAIN, math.nan),
    ]
    assert written == ["20.3%", "HK$5.57M", "5.8 hours", "12.3K", "–"]
    assert SHARE.is_share
    assert HOURS.is_time
    assert not MONEY.is_share
    assert not MONEY.is_time
