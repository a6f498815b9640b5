"""References that know the season, against a second route: pandas rows counted one by one.

``evaluate_each`` has its own tests, so what is checked here is which rows stand beside which.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from core.domain.comparison import Comparison
from core.domain.identity import Role
from core.domain.status import Status
from core.domain.windows import Window, start_of_day
from core.errors import InvalidInput
from core.metrics.binning import BinnedCounts
from core.metrics.drift import standardised
from core.services import ingest
from core.services.drift.measure import DriftTable, drift
from core.services.identity import users
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.core.services.raw import counted, in_reference, logged_loans
from tests.support.harbour import OWNER_LOGIN, TENANTS, ZONE, Harbour, build_empty_harbour

WEEKDAYS = range(7)
# Two features of the visitors' log: one follows the week, the other the year.
VISITORS = {
    **TENANTS,
    "id": "visitors",
    "log": {"prediction_id": "id", "time": "at", "score": "score"},
    "features": [{"name": "weekly", "type": "numeric"}, {"name": "yearly", "type": "numeric"}],
    "reference": {"from": "2023-01-02", "to": "2023-12-31"},
}


def ask(harbour: Harbour, against: str, **question: Any) -> DriftTable:
    return drift(
        harbour.workspace,
        Question("loans", **question),
        actor=harbour[Role.data_scientist],
        against=Comparison.parse(against),
    )


def within(rows: pd.DataFrame, window: Window | None) -> pd.DataFrame:
    assert window is not None
    return rows[(rows["scored_at"] >= window.start) & (rows["scored_at"] < window.end)]


def assert_beside(table: DriftTable, rows: pd.DataFrame, chunk: int) -> None:
    """Check that what stands beside a chunk are the rows of its period."""
    chosen = within(rows, table.compared_period(chunk))
    for column in table.columns:
        beside = column.counts.reference_at(chunk)
        wanted = counted(column.counts.bins, chosen, column.column)
        np.testing.assert_array_equal(beside.n, wanted.n)
        if wanted.total is not None and beside.total is not None:
            np.testing.assert_allclose(beside.total, wanted.total, rtol=1e-12)
        assert column.result.n_ref[chunk] <= len(chosen)


def by_weekday(table: DriftTable, column: str, rows: pd.DataFrame) -> BinnedCounts:
    local = rows["scored_at"].dt.tz_convert(ZONE).dt.weekday
    bins = table.column(column).counts.bins
    parts = [counted(bins, rows[local == day], column) for day in WEEKDAYS]
    return BinnedCounts(np.stack([part.n for part in parts]))


def mix(table: DriftTable, rows: pd.DataFrame) -> np.ndarray:
    """Return the rows of each chunk by weekday."""
    parts = [
        rows[(rows["scored_at"] >= chunk.start) & (rows["scored_at"] < chunk.end)]
        for chunk in table.chunks
    ]
    local = [part["scored_at"].dt.tz_convert(ZONE).dt.weekday for part in parts]
    return np.array([[np.sum(days == day) for day in WEEKDAYS] for days in local], dtype=float)


@pytest.mark.parametrize(
    "question",
    [
        {"by": "month"},
        {"by": "day", "start": "2024-05-01", "end": "2024-05-20"},
        {"by": "week", "start": "2024-06-27T12:00:00+08:00", "end": "2024-07-20"},
    ],
)
def test_weekdays_of_the_reference(harbour: Harbour, question: dict[str, str]) -> None:
    table, rows = ask(harbour, "weekday", **question), logged_loans(harbour)
    weights = mix(table, rows)
    for column in table.columns:
        strata = by_weekday(table, column.column, in_reference(rows))
        wanted = standardised(strata, weights)
        np.testing.assert_allclose(column.counts.reference.n, wanted.n, rtol=1e-12)
    assert table.compared_period(0) == Window.of_days(date(2024, 1, 1), date(2024, 3, 31), ZONE)


def test_weekdays_of_a_slice_and_of_a_region(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    kept = rows[rows["sector"] == "零售"]
    table = ask(harbour, "weekday", slice="sector=零售")
    wanted = standardised(by_weekday(table, "income", in_reference(kept)), mix(table, kept))
    np.testing.assert_allclose(table.column("income").counts.reference.n, wanted.n, rtol=1e-12)
    there = rows[rows["region"] == "HK"]
    limited = drift(
        harbour.workspace,
        Question("loans"),
        actor=harbour.hong_kong,
        against=Comparison.parse("weekday"),
    )
    wanted = standardised(by_weekday(limited, "income", in_reference(there)), mix(limited, there))
    np.testing.assert_allclose(limited.column("income").counts.reference.n, wanted.n, rtol=1e-12)


def test_the_chunk_before_and_the_chunks_before(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    for text, periods in (("previous", 1), ("rolling:3", 3)):
        table = ask(harbour, text)
        assert [str(table.against)] == [text]
        for chunk in range(12):
            if chunk < periods:
                reasons = {str(column.result.reason[chunk]) for column in table.columns}
                assert reasons == {"outside_log"}
                assert np.isnan([column.result.value[chunk] for column in table.columns]).all()
                continue
            assert table.compared_period(chunk) == Window(
                table.chunks[chunk - periods].start, table.chunks[chunk].start
            )
            assert_beside(table, rows, chunk)


def test_whole_periods_before_stand_beside_a_window_that_begins_in_the_middle(
    harbour: Harbour,
) -> None:
    table = ask(harbour, "previous", start="2024-05-20", end="2024-06-30")
    assert table.compared_period(0) == Window.of_days(date(2024, 4, 1), date(2024, 4, 30), ZONE)
    assert table.compared_period(1) == Window.of_days(date(2024, 5, 1), date(2024, 5, 31), ZONE)
    for chunk in (0, 1):
        assert_beside(table, logged_loans(harbour), chunk)


def test_an_own_period_is_compared_with_as_many_days_before(harbour: Harbour) -> None:
    table = ask(harbour, "previous", by="all", start="2024-06-11", end="2024-06-20")
    assert table.compared_period(0) == Window.of_days(date(2024, 6, 1), date(2024, 6, 10), ZONE)
    assert_beside(table, logged_loans(harbour), 0)


def test_a_version_is_compared_with_its_own_rows_before(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    table = ask(harbour, "previous", version="2", start="2024-07-01", end="2024-09-30")
    assert table.column("income").result.reason.tolist() == ["comparison_empty", "ok", "ok"]
    assert_beside(table, rows[rows["release"] == "2"], 2)


def test_chunks_of_rows_are_compared_with_the_chunks_before_them(harbour: Harbour) -> None:
    table = ask(harbour, "rolling:2", by="rows:2000")
    income = table.column("income")
    assert income.result.reason.tolist() == ["no_such_period"] * 2 + ["ok"] * 3
    assert income.result.n_ref.tolist() == [0, 0, 4000, 4000, 4000]
    for chunk in range(2, 5):
        before = income.counts.current.n[chunk - 2] + income.counts.current.n[chunk - 1]
        np.testing.assert_array_equal(income.counts.reference_at(chunk).n, before)
    for text in ("weekday", "last-year"):
        with pytest.raises(InvalidInput, match="no weekday and no year"):
            ask(harbour, text, by="rows:2000")


def test_a_log_without_the_year_before_gives_no_figure(harbour: Harbour) -> None:
    table = ask(harbour, "last-year")
    for column in table.columns:
        assert set(column.result.reason.tolist()) == {"outside_log"}
        assert {column.status_at(chunk) for chunk in range(12)} == {Status.not_enough_data}
    row = table.rows()[0]
    assert (row.against, row.status, row.n_reference) == ("last-year", "outside_log", 0)
    assert row.compared_from == start_of_day(date(2023, 1, 1), ZONE)
    assert row.compared_to == start_of_day(date(2023, 2, 1), ZONE)


def test_raw_values_are_compared_with_the_reference_only(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="with the reference only"):
        drift(
            harbour.workspace,
            Question("loans"),
            actor=harbour[Role.admin],
            exact=True,
            against=Comparison.parse("previous"),
        )


def test_each_comparison_is_remembered_apart(harbour: Harbour) -> None:
    tables = [ask(harbour, text) for text in ("reference", "weekday", "previous", "rolling:2")]
    assert len({id(table) for table in tables}) == 4
    assert ask(harbour, "weekday") is tables[1]


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Workspace]":
    """A year and two months: weekends bring other visitors, and so do January and February."""
    workspace = build_empty_harbour(tmp_path_factory.mktemp("visitors") / "home")
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    days = [date(2023, 1, 2) + timedelta(days=number) for number in range(424)]
    draw = np.random.default_rng(8)
    rows = np.array([600 if day.year == 2024 else 60 for day in days])
    start = pd.DatetimeIndex([pd.Timestamp(day, tz=ZONE) for day in days])
    at = start.repeat(rows) + pd.to_timedelta(draw.integers(0, 86_400, rows.sum()), unit="s")
    weekend, winter = start.weekday >= 5, start.month <= 2
    log = pd.DataFrame(
        {
            "id": [str(number) for number in range(rows.sum())],
            "at": at.tz_convert("UTC").as_unit("us"),
            "score": draw.random(rows.sum()),
            "weekly": draw.normal(size=rows.sum()) + 1.5 * weekend.repeat(rows),
            "yearly": draw.normal(size=rows.sum()) + 1.5 * winter.repeat(rows),
        }
    )
    inbox = workspace.settings.home.parent
    spec, path = inbox / "visitors.yaml", inbox / "visitors.parquet"
    spec.write_text(yaml.safe_dump(dict(VISITORS), allow_unicode=True), encoding="utf-8")
    registry.register_model(workspace, spec, actor=owner)
    log.to_parquet(path)
    ingest.ingest_files(workspace, "visitors", [path], actor=owner)
    yield workspace
    workspace.store.close()


def judged(workspace: Workspace, column: str, against: str, **question: str) -> list[Status]:
    table = drift(
        workspace,
        Question("visitors", start="2024-01-01", end="2024-02-25", **question),
        actor=users.actor_of_os_login(workspace, OWNER_LOGIN),
        columns=[column],
        against=Comparison.parse(against),
    )
    return [table.column(column).status_at(chunk) for chunk in range(len(table.chunks))]


def test_a_weekly_pattern_alarms_on_days_unless_weekdays_are_compared(
    visitors: Workspace,
) -> None:
    # Eight weeks from a Monday on. Against the whole reference all Saturdays and Sundays are out;
    # against their own weekday no day is.
    fixed = judged(visitors, "weekly", "reference", by="day")
    assert len(fixed) == 56
    assert {fixed[day] for day in range(56) if day % 7 >= 5} == {Status.act}
    assert set(judged(visitors, "weekly", "weekday", by="day")) == {Status.in_range}
    # Whole weeks mix the days as the reference does, so there is nothing to correct.
    assert set(judged(visitors, "weekly", "reference", by="week")) == {Status.in_range}
    assert set(judged(visitors, "weekly", "weekday", by="week")) == {Status.in_range}


def test_a_yearly_pattern_alarms_unless_the_year_before_is_compared(visitors: Workspace) -> None:
    assert judged(visitors, "yearly", "reference", by="month") == [Status.act] * 2
    assert judged(visitors, "yearly", "last-year", by="month") == [Status.in_range] * 2
    assert judged(visitors, "yearly", "previous", by="month") == [Status.act, Status.in_range]


def test_the_first_days_of_a_year_that_the_log_lacks_do_no_harm(visitors: Workspace) -> None:
    # The log begins on 2 January 2023: 30 of 31 days are there, but not 1 of 1.
    table = drift(
        visitors,
        Question("visitors", start="2024-01-01", end="2024-01-02", by="day"),
        actor=users.actor_of_os_login(visitors, OWNER_LOGIN),
        against=Comparison.parse("last-year"),
    )
    assert table.column("yearly").result.reason.tolist() == ["outside_log", "too_few_rows"]
