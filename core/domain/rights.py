"""Customers' requests: their clock, how far back corrections are told, how long refusals stay."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from core.domain.status import Status

STATUTORY_DAYS = 40
"""Days within which an access or a correction request is answered (PDPO sections 19 and 23)."""
WARNING_DAYS = (25, 33, 38)
"""Days after receipt from which the desk is warned, more urgently each time."""
LOOK_BACK_MONTHS = 12
"""How far back those who were given data are told of a correction (PDPO section 23)."""
REFUSAL_YEARS = 4
"""How long an entry of the log book of refusals is kept at least (PDPO section 27)."""
STATUTORY_KINDS = frozenset({"access", "correction"})
"""Kinds whose limit is the Ordinance's; that of the others is this desk's own."""

Level = Literal["in_time", "first", "second", "third", "overdue", "closed", "closed_late"]
_WARNINGS: tuple[Level, ...] = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a request stands in its time.

    Parameters
    ----------
    day : int
        Days since the day of receipt, which is day 0.
    days_left : int
        Days until it is due; negative once it is overdue.
    level : str
        ``in_time``, one of three warnings, ``overdue``, or how it was closed.
    """

    day: int
    days_left: int
    level: Level

    @property
    def status(self) -> Status:
        """The state to show: act from the third warning on."""
        if self.level in {"in_time", "closed"}:
            return Status.in_range
        return Status.watch if self.level in {"first", "second", "closed_late"} else Status.act


def clock(received_on: date, due_on: date, today: date, closed_on: date | None = None) -> Clock:
    """Return where a request stands on a day.

    Parameters
    ----------
    received_on, due_on, today : date
        Days of the desk's own place.
    closed_on : date, optional
        When it was answered, refused or withdrawn: from then on its clock stands still.

    Examples
    --------
    >>> clock(date(2026, 1, 5), date(2026, 2, 14), date(2026, 1, 30))
    Clock(day=25, days_left=15, level='first')
    """
    at = closed_on or today
    day, left = (at - received_on).days, (due_on - at).days
    if closed_on is not None:
        return Clock(day, left, "closed" if left >= 0 else "closed_late")
    if left < 0:
        return Clock(day, left, "overdue")
    passed = sum(day >= each for each in WARNING_DAYS)
    return Clock(day, left, _WARNINGS[passed - 1] if passed else "in_time")


def last_notice_day(received_on: date) -> date:
    """Return the last day on which a notice of delay is inside the forty days (section 19(2)).

    The day itself, open or not: that answers are due before a weekend is the desk's convention.

    Examples
    --------
    >>> last_notice_day(date(2026, 1, 5))
    datetime.date(2026, 2, 14)
    """
    return received_on + timedelta(days=STATUTORY_DAYS)


def look_back_from(day: date, months: int = LOOK_BACK_MONTHS) -> date:
    """Return the first day of the months before a day; the last of a shorter month if need be.

    Examples
    --------
    >>> look_back_from(date(2028, 2, 29))
    datetime.date(2027, 2, 28)
    """
    count = day.year * 12 + day.month - 1 - months
    return _day_of(count // 12, count % 12 + 1, day.day)


def keep_refusal_until(refused_on: date) -> date:
    """Return the day until which a refusal stays in the log book at least.

    Examples
    --------
    >>> keep_refusal_until(date(2028, 2, 29))
    datetime.date(2032, 2, 29)
    """
    return _day_of(refused_on.year + REFUSAL_YEARS, refused_on.month, refused_on.day)


def _day_of(year: int, month: int, day: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day - 1), following - timedelta(days=1))
