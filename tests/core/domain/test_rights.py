"""Clocks, look-backs and keeping times, counted by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.rights import (
    STATUTORY_DAYS,
    WARNING_DAYS,
    clock,
    keep_refusal_until,
    look_back_from,
)
from core.domain.status import Status
from core.domain.working_days import statutory_due_on

RECEIVED = date(2026, 1, 5)
DUE = date(2026, 2, 14)


@pytest.mark.parametrize(
    ("today", "day", "left", "level", "status"),
    [
        (date(2026, 1, 5), 0, 40, "in_time", Status.in_range),
        (date(2026, 1, 29), 24, 16, "in_time", Status.in_range),
        (date(2026, 1, 30), 25, 15, "first", Status.watch),
        (date(2026, 2, 6), 32, 8, "first", Status.watch),
        (date(2026, 2, 7), 33, 7, "second", Status.watch),
        (date(2026, 2, 12), 38, 2, "third", Status.act),
        (date(2026, 2, 14), 40, 0, "third", Status.act),
        (date(2026, 2, 15), 41, -1, "overdue", Status.act),
    ],
)
def test_a_clock_by_hand(today: date, day: int, left: int, level: str, status: Status) -> None:
    found = clock(RECEIVED, DUE, today)
    assert (found.day, found.days_left, found.level, found.status) == (day, left, level, status)


def test_a_closed_clock_stands_still() -> None:
    later = date(2026, 6, 1)
    assert clock(RECEIVED, DUE, later, date(2026, 2, 14)).level == "closed"
    late = clock(RECEIVED, DUE, later, date(2026, 2, 16))
    assert (late.level, late.days_left, late.status) == ("closed_late", -2, Status.watch)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # 40 days behind 31 January of a year that is no leap year, and of one that is: there it
        # is Saturday 11 March, so the Friday before.
        (date(2026, 1, 31), date(2026, 3, 12)),
        (date(2028, 1, 31), date(2028, 3, 10)),
        # 22 November + 40 is New Year's Day, a Friday.
        (date(2026, 11, 22), date(2026, 12, 31)),
        # 27 January + 40 is 8 March 2026, a Sunday.
        (date(2026, 1, 27), date(2026, 3, 6)),
    ],
)
def test_the_limit_over_ends_of_months_and_holidays(received: date, due: date) -> None:
    off = frozenset({date(2027, 1, 1)})
    assert statutory_due_on(received, off, days=STATUTORY_DAYS) == due


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 22), date(2025, 11, 22)),
        (date(2026, 1, 31), date(2025, 1, 31)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2027, 2, 28), date(2026, 2, 28)),
        (date(2026, 12, 31), date(2025, 12, 31)),
    ],
)
def test_twelve_months_back_by_hand(day: date, first: date) -> None:
    assert look_back_from(day) == first


def test_a_refusal_stays_four_years() -> None:
    assert keep_refusal_until(date(2026, 11, 22)) == date(2030, 11, 22)
    assert keep_refusal_until(date(2028, 2, 29)) == date(2032, 2, 29)
    assert keep_refusal_until(date(2096, 2, 29)) == date(2100, 2, 28)  # 2100 is no leap year


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_warnings_never_go_back(received: date, days: int) -> None:
    due = received + timedelta(days=STATUTORY_DAYS)
    levels = ["in_time", "first", "second", "third", "overdue"]
    today, next_day = received + timedelta(days=days), received + timedelta(days=days + 1)
    now, then = clock(received, due, today), clock(received, due, next_day)
    assert levels.index(then.level) >= levels.index(now.level)
    assert now.day + now.days_left == STATUTORY_DAYS
    assert (now.level == "in_time") == (days < WARNING_DAYS[0])


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_look_back_is_a_year(day: date) -> None:
    assert 365 <= (day - look_back_from(day)).days <= 366
