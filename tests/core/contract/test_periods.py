from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.contract import PerformanceReference, ReferenceWindow
from core.contract.periods import Age, parse_age

INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)


@given(INSTANTS, st.integers(0, 600), st.integers(0, 10_000))
def test_after_agrees_with_pandas(instant: datetime, months: int, hours: int) -> None:
    # pandas' DateOffset adds calendar months and clips the day, as we do.
    expected = pd.Timestamp(instant) + pd.DateOffset(months=months, hours=hours)
    assert Age(months=months, hours=hours).after(instant) == expected


@given(INSTANTS, st.integers(0, 600), st.integers(0, 10_000))
def test_what_lies_before_has_come_of_age(instant: datetime, months: int, hours: int) -> None:
    age = Age(months=months, hours=hours)
    expected = pd.Timestamp(instant) - pd.DateOffset(hours=hours) - pd.DateOffset(months=months)
    assert age.before(instant) == expected
    assert age.after(age.before(instant)) <= instant


@given(INSTANTS, st.integers(0, 600))
def test_an_older_instant_matures_no_later(instant: datetime, months: int) -> None:
    age = Age(months=months)
    assert age.after(instant - timedelta(days=1)) <= age.after(instant)
    assert age.after(instant) >= instant


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2006, 12, 5), 36, date(2009, 12, 5)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_the_day_is_clipped_to_the_month(start: date, months: int, end: date) -> None:
    assert Age(months=months).after(_noon(start)) == _noon(end)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "age", "written"),
    [
        ("36 months", Age(months=36), "36 months"),
        ("1 year", Age(months=12), "12 months"),
        ("2 weeks", Age(hours=336), "14 days"),
        (" 90 days ", Age(hours=2160), "90 days"),
        ("12 hours", Age(hours=12), "12 hours"),
        ("36months", Age(months=36), "36 months"),
    ],
)
def test_ages_are_read_and_written(text: str, age: Age, written: str) -> None:
    assert Age.model_validate(parse_age(text)) == age
    assert str(age) == written


def test_an_age_that_is_read_already_passes() -> None:
    age = Age(months=3)
    assert parse_age(age) is age
    assert parse_age({"months": 3}) == {"months": 3}


@pytest.mark.parametrize(
    "value", ["", "months", "-1 months", "1.5 years", "3 fortnights", 36, None]
)
def test_what_is_no_age_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(ValueError, match="write an age as '36 months'"):
        parse_age(value)


def test_an_age_never_runs_backwards() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Age(months=-1)


def test_a_reference_counts_both_ends() -> None:
    window = ReferenceWindow.model_validate({"from": "2006-01-01", "to": "2006-06-30"})
    assert window.days == 181


def test_a_performance_reference_is_a_data_set_or_a_period() -> None:
    assert PerformanceReference(dataset="holdout.parquet").start is None
    period = PerformanceReference.model_validate({"from": "2006-01-01", "to": "2006-03-31"})
    assert period.end == date(2006, 3, 31)
    for nothing in ({}, {"from": "2006-01-01"}, {"to": "2006-01-01"}):
        with pytest.raises(ValidationError, match="give either 'dataset' or both"):
            PerformanceReference.model_validate(nothing)


@pytest.mark.parametrize(("end", "short"), [(date(2025, 6, 29), True), (date(2025, 6, 30), False)])
def test_a_reference_of_half_a_year_is_not_short(end: date, short: bool) -> None:
    found = ReferenceWindow.model_validate({"from": date(2025, 1, 1), "to": end})
    assert found.is_short is short
