from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.working_days import (
    ClockStatus,
    add_working_days,
    after_closing,
    after_opening,
    close_of_business,
    due_after_pause,
    due_at,
    is_working_day,
    local_day,
    start_of_day,
    status_of,
    statutory_due_on,
    working_days_between,
)

# By hand on the calendar of 2026: Lunar New Year's three days fall on Tuesday to Thursday.
NEW_YEAR = frozenset({date(2026, 2, 17), date(2026, 2, 18), date(2026, 2, 19)})
FRIDAY = datetime(2026, 2, 13, 3, 0, tzinfo=UTC)

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
OFF = st.frozensets(DAYS, max_size=40)


def test_working_days_run_over_the_weekend_and_the_new_year() -> None:
    # Friday 13 is not counted; Monday 16 is the first, Friday 20 the second.
    assert add_working_days(date(2026, 2, 13), 1, NEW_YEAR) == date(2026, 2, 16)
    assert add_working_days(date(2026, 2, 13), 2, NEW_YEAR) == date(2026, 2, 20)
    assert due_at(FRIDAY, 2, NEW_YEAR) == datetime(2026, 2, 20, 10, 0, tzinfo=UTC)


def test_a_start_on_a_day_off_counts_from_the_next_working_day() -> None:
    saturday = date(2026, 2, 14)
    assert add_working_days(saturday, 1, NEW_YEAR) == date(2026, 2, 16)
    assert add_working_days(saturday, 0, NEW_YEAR) == date(2026, 2, 16)
    assert add_working_days(date(2026, 2, 16), 0, NEW_YEAR) == date(2026, 2, 16)


def test_the_day_is_that_of_hong_kong() -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 00:30 of Tuesday 3 March in Hong Kong
    assert local_day(late) == date(2026, 3, 3)
    assert due_at(late, 1, frozenset()) == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    assert start_of_day(date(2026, 3, 3)) == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert close_of_business(date(2026, 3, 3)) == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("days", [-1, 2001])
def test_no_number_of_days_without_sense(days: int) -> None:
    with pytest.raises(ValueError, match="no number of working days"):
        add_working_days(date(2026, 2, 13), days, NEW_YEAR)


def test_the_clock_stands_still_while_the_customer_is_asked() -> None:
    due = close_of_business(date(2026, 3, 6))  # Friday; asked on Wednesday: two days are left
    asked = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    answered = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)  # a Monday
    assert due_after_pause(due, asked, answered, frozenset()) == close_of_business(
        date(2026, 3, 18)
    )
    assert due_after_pause(due, asked, asked, frozenset()) == due
    late = due + timedelta(minutes=1)
    assert due_after_pause(due, late, answered, frozenset()) == due


def test_forty_days_and_the_working_day_before() -> None:
    # 40 days behind 24 February 2026 is Sunday 5 April; Friday 3 and Saturday 4 are holidays.
    easter = frozenset(date(2026, 4, day) for day in (3, 4, 6, 7))
    assert statutory_due_on(date(2026, 2, 24), easter, days=40) == date(2026, 4, 2)
    assert statutory_due_on(date(2026, 2, 20), easter, days=40) == date(2026, 4, 1)
    # 11 April is a Saturday; on Friday 10 offices are open, and then they are not.
    assert statutory_due_on(date(2026, 3, 2), easter, days=40) == date(2026, 4, 10)
    assert statutory_due_on(date(2026, 3, 2), easter | {date(2026, 4, 10)}, days=40) == date(
        2026, 4, 9
    )
    assert statutory_due_on(date(2026, 3, 2), easter, days=10) == date(2026, 3, 12)


def test_status() -> None:
    due = close_of_business(date(2026, 3, 6))
    assert status_of(due, due) is ClockStatus.due_today
    assert status_of(due, due + timedelta(microseconds=1)) is ClockStatus.overdue
    assert status_of(due, start_of_day(date(2026, 3, 6))) is ClockStatus.due_today
    before = start_of_day(date(2026, 3, 6)) - timedelta(microseconds=1)
    assert status_of(due, before) is ClockStatus.on_time


@given(DAYS, st.integers(1, 60), OFF)
def test_counting_undoes_adding(start: date, days: int, off: frozenset[date]) -> None:
    end = add_working_days(start, days, off)
    assert is_working_day(end, off)
    assert working_days_between(start, end, off) == days
    assert working_days_between(end, start, off) == 0


@given(DAYS, st.integers(1, 30), OFF, st.integers(1, 60))
def test_a_closure_moves_a_clock_to_where_it_would_have_been(
    start: date, days: int, off: frozenset[date], behind: int
) -> None:
    closed = start + timedelta(days=behind)
    before = close_of_business(add_working_days(start, days, off))
    after = close_of_business(add_working_days(start, days, off | {closed}))
    if is_working_day(closed, off) and closed <= local_day(before):
        assert after_closing(before, off | {closed}) == after
        assert after_opening(after, off) == before
    else:
        assert before == after


@given(DAYS, st.integers(1, 30), OFF, st.integers(0, 10), st.integers(0, 60))
def test_a_pause_takes_no_working_day_away(
    start: date, days: int, off: frozenset[date], asked: int, answered: int
) -> None:
    due = close_of_business(add_working_days(start, days, off))
    paused = min(start_of_day(start + timedelta(days=asked)), due)
    resumed = paused + timedelta(days=answered)
    moved = due_after_pause(due, paused, resumed, off)
    left = working_days_between(local_day(paused), local_day(due), off)
    assert moved >= due
    assert working_days_between(local_day(resumed), local_day(moved), off) >= left or left == 0


@given(DAYS, OFF, st.integers(1, 90))
def test_a_clock_of_calendar_days_never_ends_late(
    received: date, off: frozenset[date], days: int
) -> None:
    due = statutory_due_on(received, off, days=days)
    last = received + timedelta(days=days)
    assert due <= last
    assert is_working_day(due, off)
    assert working_days_between(due, last, off) == 0
