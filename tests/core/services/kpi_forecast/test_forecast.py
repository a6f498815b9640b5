"""Forecasts of KPIs against the same sums in pandas, their judgement, and why there are none."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.kpi_level import KpiLevel
from core.errors import Forbidden, InvalidInput, NotFound
from core.services import ingest
from core.services.kpi_forecast import KpiForecast, kpi_forecasts, rows_of_forecasts
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, write_parquet
from tests.support.daily_loans import DAYS, built, daily_loans, frame_of

ROWS = daily_loans()
JUNE = Question("loans", as_of="2026-06-15")  # a Monday
WEEKS = 8


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return built(tmp_path_factory.mktemp("daily"), ROWS)


@pytest.fixture(scope="module")
def june(workspace: Workspace) -> dict[str, KpiForecast]:
    answer = kpi_forecasts(workspace, JUNE, actor=ADMIN)
    return {each.definition.id: each for each in answer.kpis}


@pytest.fixture(scope="module")
def days() -> pd.Series:
    """Money lent by day, every day of the log."""
    lent = frame_of(ROWS).groupby("day")["amount"].sum()
    assert len(lent) == DAYS
    return lent


def expected_rest(days: pd.Series, after: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return the mean of each weekday over the weeks before, for the days that are left."""
    recent = days[days.index <= after].tail(7 * WEEKS)
    means = recent.groupby(pd.DatetimeIndex(recent.index).dayofweek).mean()
    left = pd.date_range(after, until)[1:]
    return float(means[left.dayofweek].sum())


def test_what_is_the_same_every_week_is_told_exactly(june: dict[str, KpiForecast]) -> None:
    told = june["loans"]
    # June 2026: 22 weekdays of four loans and 8 days of weekends of one; 11 and 4 of them over.
    assert (told.value, told.low, told.high) == (96, 96, 96)
    assert told.so_far == 11 * 4 + 4 * 1
    assert told.n == 96
    assert (told.known_until, told.last_day) == (date(2026, 6, 15), date(2026, 6, 30))
    assert (told.final_on, told.waits) == (date(2026, 6, 30), False)
    assert told.backtest is not None
    # Months from March 2025 on have 8 weeks before their cut: 15, of which four to learn from.
    assert set(told.backtest.misses) == {0}
    assert (told.backtest.held, told.backtest.checked) == (11, 11)


def test_a_total_is_the_same_as_in_pandas(june: dict[str, KpiForecast], days: pd.Series) -> None:
    told = june["lent"]
    over, end = pd.Timestamp("2026-06-15"), pd.Timestamp("2026-06-30")
    known = days["2026-06-01":"2026-06-15"].sum()
    assert told.so_far == pytest.approx(known)
    assert told.value == pytest.approx(known + expected_rest(days, over, end))
    assert known < told.low < told.value < told.high


def test_the_record_is_the_same_as_in_pandas(june: dict[str, KpiForecast], days: pd.Series) -> None:
    errors: list[tuple[float, float, float]] = []
    for first in pd.date_range("2025-03-01", "2026-05-01", freq="MS"):
        end = first + pd.offsets.MonthEnd()
        over = end - timedelta(days=15)  # as many days are left as in June
        actual, known = days[first:end].sum(), days[first:over].sum()
        before = days[first - pd.offsets.MonthBegin() : first - timedelta(days=1)].sum()
        pace = known * end.day / (end.day - 15)
        told = known + expected_rest(days, over, end)
        errors.append((abs(told - actual), abs(before - actual), abs(pace - actual)))
    found = june["lent"].backtest
    assert found is not None
    mean = np.mean(errors, axis=0)
    assert (found.error, found.error_of_pace) == pytest.approx((mean[0], mean[2]))
    assert found.error_of_last == pytest.approx(mean[1])


def test_both_ends_of_the_band_say_how_it_should_stand(june: dict[str, KpiForecast]) -> None:
    # Means of amounts between 1,000 and 9,000: about 5,000.
    assert june["typical"].level is KpiLevel.on_track
    assert june["high_aim"].level is KpiLevel.missed
    assert june["near_aim"].low < 5000 < june["near_aim"].high
    assert june["near_aim"].level is KpiLevel.at_risk
    assert june["limited"].level is KpiLevel.missed
    assert june["loans"].level is KpiLevel.no_target
    assert june["typical"].target is not None


def test_what_waits_a_few_days_is_told_from_the_days_that_are_known(
    june: dict[str, KpiForecast],
) -> None:
    told = june["losses"]
    # Five days later: loans up to the last instant of 10 June are old enough.
    assert told.known_until == date(2026, 6, 10)
    assert (told.waits, told.final_on) == (True, date(2026, 7, 6))
    assert told.low <= told.value <= told.high
    assert june["aged"].known_until == date(2026, 6, 10)
    # 8 weekdays and 2 days of a weekend are known; 14 and 6 are left.
    assert june["aged"].n == 96


def test_reasons_why_there_is_none(june: dict[str, KpiForecast]) -> None:
    assert "longer than the period" in june["old"].reason
    assert "2 months" in june["old"].reason
    assert "as they come in" in june["coming"].reason
    assert "do not add up by day" in june["middle"].reason
    assert np.isnan(june["old"].value)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question("loans", as_of="2026-02-10"), "There are 11 past periods"),
        (Question("loans", as_of="2025-02-10"), "There are 0 past periods"),
        (Question("loans", as_of="2026-06-15", by="quarter"), "There are 5 past periods"),
        (Question("loans", as_of="2026-06-15", by="year"), "There are 0 past periods"),
    ],
)
def test_too_short_a_past_has_no_band(workspace: Workspace, question: Question, said: str) -> None:
    told = kpi_forecasts(workspace, question, actor=ADMIN).of("lent")
    assert told is not None
    assert said in told.reason
    assert told.backtest is None


def test_a_period_that_is_over_is_not_told_of(workspace: Workspace) -> None:
    question = Question("loans", as_of="2026-05-31")
    answer = kpi_forecasts(workspace, question, actor=ADMIN)
    # What waits five days is not final at the end of the month.
    assert {each.definition.id for each in answer.kpis} == {
        "losses",
        "fees",
        "aged",
        "old",
    }
    assert answer.of("lent") is None


def test_the_window_asked_for_does_not_count(workspace: Workspace) -> None:
    cut = Question("loans", start="2026-06-01", end="2026-06-10", as_of="2026-06-15")
    told = kpi_forecasts(workspace, cut, actor=ADMIN, ids=["lent"]).of("lent")
    assert told is not None
    assert told.low < told.value


def test_the_same_log_has_the_same_band(workspace: Workspace, june: dict[str, KpiForecast]) -> None:
    workspace.memo.clear()
    again = kpi_forecasts(workspace, JUNE, actor=ADMIN).of("lent")
    assert again == june["lent"]


def test_rows_say_the_same(workspace: Workspace, june: dict[str, KpiForecast]) -> None:
    rows = {
        row.method: row for row in rows_of_forecasts(kpi_forecasts(workspace, JUNE, actor=ADMIN))
    }
    row, told = rows["typical"], june["typical"]
    assert (row.value, row.low, row.high, row.status) == (told.value, told.low, told.high, "ok")
    assert row.target == {"value": 2000.0, "set_on": date(2024, 12, 1), "set_by": "Board"}
    assert row.backtest is not None
    assert row.backtest["checked"] == 11
    assert rows["old"].status == june["old"].reason
    assert rows["old"].backtest is None


def test_it_takes_the_permission_and_the_scope(workspace: Workspace) -> None:
    nobody = Actor("u9", "eve", frozenset())
    elsewhere = Actor("u9", "eve", frozenset({Role.business}), models=frozenset({"other"}))
    for actor in (nobody, elsewhere):
        with pytest.raises((Forbidden, NotFound)):
            kpi_forecasts(workspace, JUNE, actor=actor)
    reader = Actor("u9", "eve", frozenset({Role.business}), models=frozenset({"loans"}))
    assert kpi_forecasts(workspace, JUNE, actor=reader).kpis


def test_only_months_quarters_and_years_end(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="week"):
        kpi_forecasts(workspace, Question("loans", by="week"), actor=ADMIN)
    with pytest.raises(NotFound):
        kpi_forecasts(workspace, JUNE, actor=ADMIN, ids=["nonsense"])


def test_what_comes_once_a_month_has_no_weeks_to_draw_from(workspace: Workspace) -> None:
    monthly = Question("loans", as_of="2026-06-15", version="monthly")
    told = kpi_forecasts(workspace, monthly, actor=ADMIN, ids=["lent"]).of("lent")
    assert told is not None
    assert "weeks without predictions" in told.reason


def test_missing_results_and_missing_rates_have_no_band(
    workspace: Workspace, june: dict[str, KpiForecast]
) -> None:
    assert "exchange rate" in june["fees"].reason
    august = Question("loans", as_of="2026-08-25")
    told = kpi_forecasts(workspace, august, actor=ADMIN, ids=["losses"]).of("losses")
    assert told is not None
    assert "are missing" in told.reason
    # Those of July came.
    july = Question("loans", as_of="2026-07-25")
    told = kpi_forecasts(workspace, july, actor=ADMIN, ids=["losses"]).of("losses")
    assert told is not None
    assert not told.why


def test_a_day_that_is_not_over_is_drawn_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("begun")
    # Of Monday 15 June one of four loans is there, at ten o'clock.
    monday = datetime(2026, 6, 15, 2, tzinfo=UTC)
    workspace = built(home, [row for row in ROWS if row["approved_at"] <= monday])
    question = Question("loans", as_of="2026-06-15T14:00")
    told = kpi_forecasts(workspace, question, actor=ADMIN, ids=["loans"]).of("loans")
    assert told is not None
    assert (told.known_until, told.value, told.so_far) == (date(2026, 6, 14), 96, 45)
    # By one o'clock all four are: as many as Mondays have, so that it counts as over.
    rest = [row for row in ROWS if monday < row["approved_at"] <= monday + timedelta(hours=3)]
    path = write_parquet(home / "rest.parquet", rest)
    ingest.ingest_files(workspace, "loans", [path], actor=ADMIN)
    told = kpi_forecasts(workspace, question, actor=ADMIN, ids=["loans"]).of("loans")
    assert told is not None
    assert (told.known_until, told.value, told.so_far) == (date(2026, 6, 15), 96, 48)
