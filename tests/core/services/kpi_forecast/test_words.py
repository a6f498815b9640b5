"""Forecasts in words, in three languages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.contract import Target
from core.contract.periods import Age
from core.domain.kpi_level import KpiLevel
from core.domain.windows import Chunk
from core.i18n import translator
from core.metrics.forecast import Backtest
from core.services.kpi_forecast import KpiForecast, KpiForecasts, expected_text, forecast_text
from core.services.kpi_forecast.drawn import NO_BAND, TOO_FEW, TOO_RARE
from core.services.kpi_forecast.forecast import (
    LABELS_MISSING,
    NO_RATE,
    NO_SUM,
    STILL_COMING,
    TOO_LATE,
)
from core.services.kpis import kpi_definitions
from tests.support.builders import a_contract

TARGET = Target(value=0.05, set_on=date(2025, 1, 1), set_by="Committee")
MISSES = (0.5,) * 40


def record(error: float = 1, last: float = 2, pace: float = 3) -> Backtest:
    return Backtest(MISSES, 36, 31, error, last, pace)


def told(direction: str = "lower_is_better", **changes: Any) -> KpiForecast:
    kpi = {"id": "k", "name": "K", "definition": "mean(amount)", "unit": "share"}
    contract = a_contract(kpis=[{**kpi, "direction": direction, "target": TARGET.model_dump()}])
    period = Chunk(
        0, "2026-12", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    made = KpiForecast(
        kpi_definitions(contract)[0],
        period,
        date(2026, 12, 12),
        date(2026, 12, 31),
        date(2026, 12, 31),
        so_far=0.04,
        value=0.041,
        low=0.036,
        high=0.047,
        n=900,
        target=TARGET,
        level=KpiLevel.on_track,
        backtest=record(),
    )
    return replace(made, **changes)


def said(forecast: KpiForecast, locale: str = "en", by: str = "month") -> str:
    view = SimpleNamespace(question=SimpleNamespace(by=by))
    return forecast_text(translator(locale), forecast, KpiForecasts(cast("Any", view), (forecast,)))


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "By 31 Dec 2026 expected 4.1% (3.6% to 4.7%); target at most 5.0%: on track. "
         "In 31 of 36 past months the band held the value."),
        ("zh-HK", "預計至 2026年12月31日為 4.1%（3.6% 至 4.7%）；目標不多於 5.0%：達標中。"
         "過往 36 個月中，有 31 個月的數值落在範圍之內。"),
        ("zh-CN", "预计到 2026年12月31日为 4.1%（3.6% 至 4.7%）；目标不超过 5.0%：进展正常。"
         "过往 36 个月中，有 31 个月的数值落在范围之内。"),
    ],
)  # fmt: skip
def test_what_is_expected_against_its_target_and_its_record(locale: str, text: str) -> None:
    assert said(told(), locale) == text


@pytest.mark.parametrize(
    ("forecast", "part"),
    [
        (told(level=KpiLevel.at_risk), "4.7%); target at most 5.0%: at risk."),
        (told(level=KpiLevel.missed), "4.7%); target at most 5.0%: likely to be missed."),
        (told("higher_is_better"), "4.7%); target at least 5.0%: on track."),
        (told(target=None), "4.7%): on track."),
        (told(target=None, level=KpiLevel.missed), "4.7%): likely to be missed."),
        (told(level=KpiLevel.no_target), "4.7%). In 31"),
        (told(level=KpiLevel.not_enough_data), "4.7%). In 31"),
        (told(final_on=date(2027, 1, 8)), "It is final on 8 Jan 2027, once results are known."),
        (told(backtest=Backtest(MISSES, 36, 28, 1, 2, 3)), "may be too narrow."),
        (told(backtest=record(2, 2, 3)), "The value of the period before came as near."),
        (told(backtest=record(2, 3, 1)), "The value so far, at its own pace, came as near."),
    ],
)
def test_how_it_should_stand_and_what_is_to_be_known_with_it(
    forecast: KpiForecast, part: str
) -> None:
    assert part in said(forecast)


@pytest.mark.parametrize(("by", "word"), [("quarter", "quarters"), ("year", "years")])
def test_the_record_counts_periods_as_long(by: str, word: str) -> None:
    assert f"In 31 of 36 past {word} the band held the value." in said(told(), by=by)


@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
@pytest.mark.parametrize(
    "why", [TOO_FEW, TOO_RARE, NO_BAND, LABELS_MISSING, NO_RATE, NO_SUM, STILL_COMING]
)
def test_every_reason_is_said_in_every_language(why: str, locale: str) -> None:
    none = told(why=why, params={"n": 7, "needed": 12})
    text = said(none, locale)
    assert "31" in text
    assert "{" not in text
    assert (why.split(" ")[0] in text) == (locale == "en")
    assert expected_text(translator(locale), none) == ""


@pytest.mark.parametrize(
    ("age", "locale", "text"),
    [
        (Age(months=36), "en", "only after 36 months"),
        (Age(hours=24 * 90), "en", "only after 90 days"),
        (Age(hours=1), "en", "only after 1 hour,"),
        (Age(months=36), "zh-HK", "36 個月後才知道"),
        (Age(hours=24 * 90), "zh-CN", "90 天后才知道"),
    ],
)
def test_how_late_results_are_is_said_in_their_unit(age: Age, locale: str, text: str) -> None:
    assert text in said(told(why=TOO_LATE, params={"age": age}), locale)
