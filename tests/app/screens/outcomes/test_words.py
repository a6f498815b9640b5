"""Figures, changes and periods of the page Outcomes, as managers read them."""

import pytest

from app.screens.outcomes.words import Measure, change_text, period_name, value_text
from core.domain.windows import Window, calendar_chunks
from core.i18n import translator

EN = translator("en")
SHARE = Measure("share", "", "lower")
MONEY = Measure("money", "HKD", "higher")


@pytest.mark.parametrize(
    ("measure", "value", "written"),
    [
        (SHARE, 0.0423, "4.2%"),
        (Measure("relative", "", None), 1.4701, "147.0%"),
        (MONEY, 1_234_567.0, "HK$1.23M"),
        (Measure("hours", "", "lower"), 5.912, "5.9 hours"),
        (Measure("days", "", "lower"), 1.04, "1 day"),
        (Measure("count", "", None), 12_345.0, "12.3K"),
        (Measure("number", "", None), 13.291, "13.3"),
        (SHARE, float("nan"), "–"),
    ],
)
def test_figures_have_their_unit(measure: Measure, value: float, written: str) -> None:
    assert value_text(EN, measure, value) == written


@pytest.mark.parametrize(
    ("measure", "change", "written"),
    [
        (SHARE, 0.012, "↑ +1.2 pts worse"),
        (SHARE, -0.012, "↓ −1.2 pts better"),
        (SHARE, 0.0004, "↑ +0.04 pts worse"),
        (SHARE, 0.00004, "→ 0.0 pts"),
        (Measure("share", "", None), 0.012, "↑ +1.2 pts"),
        (MONEY, -254.0, "↓ −HK$254 worse"),
        (MONEY, 0.0, "→ HK$0"),
        (Measure("number", "", "lower"), 0.1043, "↑ +0.1 worse"),
        (Measure("number", "", "higher"), 0.001, "→ 0"),
        (Measure("hours", "", "lower"), 0.144, "↑ +0.1 hours worse"),
        (MONEY, float("nan"), "–"),
        (SHARE, float("nan"), "–"),
    ],
)
def test_changes_say_whether_they_are_better(measure: Measure, change: float, written: str) -> None:
    assert change_text(EN, measure, change) == written


@pytest.mark.parametrize(
    ("grain", "lang", "name"),
    [
        ("quarter", "en", "Q4 2007"),
        ("quarter", "zh-HK", "2007年第4季"),
        ("quarter", "zh-CN", "2007年第4季度"),
        ("year", "en", "2007"),
        ("year", "zh-CN", "2007年"),
        ("month", "en", "Dec 2007"),
        ("month", "zh-HK", "2007年12月"),
    ],
)
def test_periods_have_names(grain: str, lang: str, name: str) -> None:
    zone = "America/New_York"
    last = calendar_chunks(Window.parse("2007-01-01", "2007-12-31", zone), grain, zone)[-1]  # type: ignore[arg-type]
    assert period_name(translator(lang), last, grain, zone) == name


def test_dates_of_ones_own_are_dates() -> None:
    window = Window.parse("2007-02-03", "2007-02-05", "UTC")
    assert period_name(EN, window, "", "UTC").replace("\u2009", "") == "3–5 Feb 2007"
