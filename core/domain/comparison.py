"""What a period is compared with: the fixed reference, or another period, chosen by the calendar.

The default is the model's reference. The others take a season out of the comparison: the same
weekdays of the reference, the same period a year earlier, or the periods just before.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.domain.windows import Chunk, Window, first_day_of, local_day, start_of_day
from core.errors import InvalidInput

LONGEST_ROLLING = 60
_ROLLING = re.compile(r"^rolling:(\d{1,3})$")
_TICK = timedelta(microseconds=1)


class ComparisonKind(StrEnum):
    """How the other side of a comparison is chosen."""

    reference = "reference"
    weekday = "weekday"
    last_year = "last-year"
    rolling = "rolling"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each chunk is compared with.

    Parameters
    ----------
    kind : ComparisonKind
        How it is chosen.
    periods : int
        With ``rolling``, how many chunks before; 1 is the chunk before.
    """

    kind: ComparisonKind = ComparisonKind.reference
    periods: int = 1

    @classmethod
    def parse(cls, text: str | None) -> "Comparison":
        """Read what an option or a URL says.

        Raises
        ------
        InvalidInput
            If it is none of ``reference``, ``weekday``, ``last-year``, ``rolling:N`` and
            ``previous``.
        """
        if not text:
            return cls()
        if text == "previous":
            return cls(ComparisonKind.rolling, 1)
        match = _ROLLING.match(text)
        if match is not None and 1 <= int(match[1]) <= LONGEST_ROLLING:
            return cls(ComparisonKind.rolling, int(match[1]))
        if text in {ComparisonKind.reference, ComparisonKind.weekday, ComparisonKind.last_year}:
            return cls(ComparisonKind(text))
        raise InvalidInput(
            "{text!r} is nothing to compare with.",
            remedy="Choose reference, weekday, last-year, previous, or rolling:N with N from 1 to "
            "{most}.",
            text=text,
            most=LONGEST_ROLLING,
        )

    @property
    def is_fixed(self) -> bool:
        """Whether every chunk is compared with the model's reference as a whole."""
        return self.kind is ComparisonKind.reference

    def __str__(self) -> str:
        if self.kind is not ComparisonKind.rolling:
            return str(self.kind)
        return "previous" if self.periods == 1 else f"rolling:{self.periods}"


REFERENCE = Comparison()


def year_earlier(chunk: Chunk, by: str, timezone: str) -> Window | None:
    """Return the same stretch of the calendar a year before a chunk.

    Weeks are the same ISO week of the ISO year before; other chunks have the same dates, and one
    that ends on 29 February the last day of February.

    Parameters
    ----------
    chunk : Chunk
        A chunk of the calendar, perhaps clipped.
    by : str
        Its grain.
    timezone : str
        Zone in which days begin.

    Returns
    -------
    Window or None
        ``None`` if there is no such day or week, or if the chunk is so long that it would be
        compared with a part of itself.
    """
    zone = ZoneInfo(timezone)
    start, last = chunk.start.astimezone(zone), (chunk.end - _TICK).astimezone(zone)
    days = [_year_before(moment.date(), by) for moment in (start, last)]
    if days[0] is None or days[1] is None:
        return None
    begin = datetime.combine(days[0], start.time(), zone)
    end = datetime.combine(days[1], last.time(), zone)
    found = Window(begin, end.astimezone(chunk.end.tzinfo) + _TICK)
    return found if found.end <= chunk.start else None


def first_day_before(day: date, by: str, periods: int) -> date:
    """Return the first day of the grain that lies some periods before that of a day.

    Parameters
    ----------
    day : date
        Any day of the period to count back from.
    by : str
        A grain of the calendar other than ``all``.
    periods : int
        How many to go back; 0 gives the first day of the period itself.
    """
    first = first_day_of(day, by)
    for _ in range(periods):
        first = first_day_of(first - timedelta(days=1), by)
    return first


def window_before(window: Window, periods: int, timezone: str) -> Window:
    """Return the days just before a window, as many times its length in days."""
    first, last = window.days(timezone)
    days = (last - first).days + 1
    return Window(start_of_day(first - timedelta(days=days * periods), timezone), window.start)


def covered_share(window: Window, log_start: datetime, timezone: str) -> float:
    """Return the share of a window's days that a log which begins at an instant can tell of."""
    first, last = window.days(timezone)
    begins = max(first, local_day(log_start, timezone))
    return max((last - begins).days + 1, 0) / ((last - first).days + 1)


def _year_before(day: date, by: str) -> date | None:
    if day.year == 1:
        return None
    if by == "week":
        year, week, weekday = day.isocalendar()
        try:
            return date.fromisocalendar(year - 1, week, weekday)
        except ValueError:
            return None
    if (day.month, day.day) == (2, 29) and by == "day":
        return None
    return day.replace(
        year=day.year - 1, day=min(day.day, calendar.monthrange(day.year - 1, day.month)[1])
    )
