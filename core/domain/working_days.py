"""Hong Kong working days, and the clocks that count them; pure, for calendars handed in.

A working day is Monday to Friday that is no public holiday and on which offices were not shut
(gale signal no. 8 or above, black rainstorm). What is given a number of working days is due at
18:00 Hong Kong time of the last of them; the day of the start is not counted. A clock of calendar
days does not count its first day either; where offices are shut on its last day, it ends on the
working day before, never later. Both are conventions of this product.
"""

from collections.abc import Callable, Container
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
CLOSE_OF_BUSINESS = time(18)
_DAY = timedelta(days=1)
_SATURDAY = 5
_MOST_DAYS = 2000


class ClockStatus(StrEnum):
    """Where a clock stands."""

    on_time = "on_time"
    due_today = "due_today"
    overdue = "overdue"


def local_day(instant: datetime) -> date:
    """Return the day that it is in Hong Kong at an instant."""
    return instant.astimezone(HONG_KONG).date()


def start_of_day(day: date) -> datetime:
    """Return the instant in UTC at which a day begins in Hong Kong."""
    return datetime.combine(day, time(), HONG_KONG).astimezone(UTC)


def close_of_business(day: date) -> datetime:
    """Return the instant in UTC of 18:00 Hong Kong time."""
    return datetime.combine(day, CLOSE_OF_BUSINESS, HONG_KONG).astimezone(UTC)


def is_working_day(day: date, off: Container[date]) -> bool:
    """Whether offices are open: Monday to Friday, and not a day ``off``.

    Parameters
    ----------
    day : date
        The day.
    off : Container of date
        Public holidays and closures.
    """
    return day.weekday() < _SATURDAY and day not in off


def add_working_days(day: date, days: int, off: Container[date]) -> date:
    """Return the last of some working days behind a day, which is not counted itself.

    Parameters
    ----------
    day : date
        The day of the start.
    days : int
        How many, from 0; for none it is the day itself, or the next working day.
    off : Container of date
        Public holidays and closures.

    Raises
    ------
    ValueError
        If ``days`` is below 0 or above 2000.
    """
    if not 0 <= days <= _MOST_DAYS:
        raise ValueError(f"{days} is no number of working days from 0 to {_MOST_DAYS}.")
    found = roll_over(day, lambda each: is_working_day(each, off)) if days == 0 else day
    for _ in range(days):
        found = next_working_day(found, off)
    return found


def next_working_day(day: date, off: Container[date]) -> date:
    """Return the first working day behind a day."""
    return roll_over(day + _DAY, lambda each: is_working_day(each, off))


def previous_working_day(day: date, off: Container[date]) -> date:
    """Return the last working day before a day."""
    return roll_over(day - _DAY, lambda each: is_working_day(each, off), step=-_DAY)


def roll_over(day: date, is_open: Callable[[date], bool], *, step: timedelta = _DAY) -> date:
    """Return a day itself if it is open, or else the next one, by ``step``, that is."""
    while not is_open(day):
        day += step
    return day


def working_days_between(start: date, end: date, off: Container[date]) -> int:
    """Return how many working days there are behind ``start`` up to ``end``, ``end`` included.

    It undoes :func:`add_working_days`; 0 if ``end`` is not behind ``start``.
    """
    days = (start + _DAY * number for number in range(1, (end - start).days + 1))
    return sum(is_working_day(day, off) for day in days)


def due_at(start: datetime, days: int, off: Container[date]) -> datetime:
    """Return when something is due that has some working days from an instant on.

    Parameters
    ----------
    start : datetime
        When the clock starts; aware. Its day in Hong Kong is not counted.
    days : int
        Working days.
    off : Container of date
        Public holidays and closures.
    """
    return close_of_business(add_working_days(local_day(start), days, off))


def due_after_pause(
    due: datetime, paused: datetime, resumed: datetime, off: Container[date]
) -> datetime:
    """Return when something is due whose clock stood still for a while.

    What was left of the working days when the clock stopped is left when it runs again. What was
    overdue already stays due when it was.

    Parameters
    ----------
    due : datetime
        When it was due.
    paused, resumed : datetime
        When the clock stopped, and when it runs again.
    off : Container of date
        Public holidays and closures.
    """
    if paused > due:
        return due
    left = working_days_between(local_day(paused), local_day(due), off)
    return max(due, _same_time(due, add_working_days(local_day(resumed), left, off)))


def after_closing(due: datetime, off: Container[date]) -> datetime:
    """Return when something is due whose clock lost one working day: the next one.

    Parameters
    ----------
    due : datetime
        When it was due.
    off : Container of date
        Public holidays and closures, the new one among them.
    """
    return _same_time(due, next_working_day(local_day(due), off))


def after_opening(due: datetime, off: Container[date]) -> datetime:
    """Return when something is due whose clock won one working day back: the one before.

    Parameters
    ----------
    due : datetime
        When it was due.
    off : Container of date
        Public holidays and closures, without the one that was none.
    """
    return _same_time(due, previous_working_day(local_day(due), off))


def statutory_due_on(received: date, off: Container[date], *, days: int) -> date:
    """Return the last day of a clock of calendar days: that day, or the working day before it.

    Whether the law lets such a clock run over a day off is not verified; the earlier day is in
    time either way.

    Parameters
    ----------
    received : date
        The day of receipt in Hong Kong, which is not counted.
    off : Container of date
        Public holidays and closures.
    days : int
        Calendar days.
    """
    last = received + days * _DAY
    return roll_over(last, lambda each: is_working_day(each, off), step=-_DAY)


def status_of(due: datetime, now: datetime) -> ClockStatus:
    """Return where a clock stands: overdue as soon as it was due."""
    if now > due:
        return ClockStatus.overdue
    return ClockStatus.due_today if local_day(due) == local_day(now) else ClockStatus.on_time


def _same_time(due: datetime, day: date) -> datetime:
    at = due.astimezone(HONG_KONG).time()
    return datetime.combine(day, at, HONG_KONG).astimezone(UTC)
