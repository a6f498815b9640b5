"""Windows of time and the chunks they are cut into.

Instants are UTC. Days, weeks and months begin at local midnight in the model's time zone,
because that is how the people who read them count. Every interval is half-open.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

Grain = Literal["day", "week", "month", "quarter", "year", "all"]
GRAINS: tuple[str, ...] = get_args(Grain)


@dataclass(frozen=True, slots=True)
class Window:
    """The instants from ``start`` up to, not including, ``end``; both in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput(
                "A window needs instants with a time zone.", remedy="Give UTC instants."
            )
        # In another zone, arithmetic and comparison would follow the clock on the wall.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end < self.start:
            raise InvalidInput(
                "The period ends ({end}) before it starts ({start}).",
                remedy="Exchange the two dates.",
                start=self.start.isoformat(),
                end=self.end.isoformat(),
            )

    @classmethod
    def of_days(cls, first: date, last: date, timezone: str) -> "Window":
        """Return the window of the local days ``first`` … ``last``, both included."""
        return cls(start_of_day(first, timezone), start_of_day(last + timedelta(days=1), timezone))

    @classmethod
    def parse(cls, start: str, end: str, timezone: str) -> "Window":
        """Read a window from text: a date-only end is included, a timestamp is not.

        Raises
        ------
        InvalidInput
            If a text is not an ISO date or timestamp.
        """
        return cls(_instant(start, timezone, is_end=False), _instant(end, timezone, is_end=True))

    def days(self, timezone: str) -> tuple[date, date]:
        """Return the first and the last local day that the window touches."""
        last = max(self.start, self.end - timedelta(microseconds=1))
        return local_day(self.start, timezone), local_day(last, timezone)

    def is_calendar(self, timezone: str) -> bool:
        """Whether both ends fall on local midnight, so that day counts cover it exactly."""
        return all(
            instant == start_of_day(local_day(instant, timezone), timezone)
            for instant in (self.start, self.end)
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """One interval of a window: its place, its label and its half-open bounds in UTC."""

    index: int
    key: str
    start: datetime
    end: datetime

    def overlaps(self, window: Window) -> bool:
        """Return whether a part of it lies in a window."""
        return self.start < window.end and window.start < self.end


def local_day(instant: datetime, timezone: str) -> date:
    """Return the calendar day of an instant in a time zone."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def start_of_day(day: date, timezone: str) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def last_instant(text: str, timezone: str) -> datetime:
    """Return the instant that a text names, in UTC; a day names its last microsecond.

    Parameters
    ----------
    text : str
        ISO date or timestamp; one without a zone is local.
    timezone : str
        IANA name of the zone that days are cut in.

    Raises
    ------
    InvalidInput
        If the text is neither.
    """
    instant = _instant(text, timezone, is_end=True)
    return instant if _date(text) is None else instant - timedelta(microseconds=1)


def spans_of(chunks: Sequence[Chunk]) -> list[tuple[datetime, datetime]]:
    """Return the unbroken intervals that chunks in the order of time make, half-open."""
    found: list[tuple[datetime, datetime]] = []
    for chunk in chunks:
        if found and found[-1][1] == chunk.start:
            found[-1] = found[-1][0], chunk.end
        else:
            found.append((chunk.start, chunk.end))
    return found


def calendar_chunks(window: Window, by: Grain, timezone: str) -> tuple[Chunk, ...]:
    """Cut a window into local calendar intervals, clipped to the window's ends.

    Parameters
    ----------
    window : Window
        What to cut.
    by : {"day", "week", "month", "quarter", "year", "all"}
        Length of a chunk; weeks begin on Monday.
    timezone : str
        IANA name of the zone that days are cut in.

    Raises
    ------
    InvalidInput
        If ``by`` is none of the grains.
    """
    if by == "all":
        first, last = window.days(timezone)
        return (Chunk(0, f"{first}..{last}", window.start, window.end),)
    if by not in _PERIODS:
        raise InvalidInput(
            "{by!r} is not a chunk length.",
            remedy="Choose from: {grains}.",
            by=by,
            grains=", ".join(GRAINS),
        )
    first_of, following, label = _PERIODS[by]
    chunks: list[Chunk] = []
    day, last = window.days(timezone)
    day = first_of(day)
    while day <= last:
        after = following(day)
        start = max(window.start, start_of_day(day, timezone))
        end = min(window.end, start_of_day(after, timezone))
        if start < end:
            chunks.append(Chunk(len(chunks), label(day), start, end))
        day = after
    return tuple(chunks)


def readable_grain(first: date, last: date) -> Grain:
    """Return the chunk length at which a period reads well: never more than about 110 chunks."""
    days = (last - first).days + 1
    limits: tuple[tuple[int, Grain], ...] = ((62, "day"), (400, "week"), (3_000, "month"))
    return next((grain for limit, grain in limits if days <= limit), "quarter")


def first_day_of(day: date, by: str) -> date:
    """Return the first day of the week, month, quarter or year that a day lies in.

    Parameters
    ----------
    day : date
        Any day.
    by : {"day", "week", "month", "quarter", "year"}
        Which stretch of the calendar.
    """
    return _PERIODS[by][0](day)


def _instant(text: str, timezone: str, *, is_end: bool) -> datetime:
    day = _date(text)
    try:
        if day is not None:
            return start_of_day(day + timedelta(days=1) if is_end else day, timezone)
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(timezone))
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            "{text!r} is neither a date nor a timestamp.",
            remedy="Write 2026-11-21 or 2026-11-21T09:30:00+08:00.",
            text=text,
        ) from None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _next_month(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


_Period = tuple[Callable[[date], date], Callable[[date], date], Callable[[date], str]]
_PERIODS: dict[str, _Period] = {
    "day": (lambda d: d, lambda d: d + timedelta(days=1), lambda d: d.isoformat()),
    "week": (
        lambda d: d - timedelta(days=d.weekday()),
        lambda d: d + timedelta(days=7),
        lambda d: "{}-W{:02d}".format(*d.isocalendar()[:2]),
    ),
    "month": (
        lambda d: d.replace(day=1),
        lambda d: _next_month(d, 1),
        lambda d: f"{d:%Y-%m}",
    ),
    "quarter": (
        lambda d: date(d.year, (d.month - 1) // 3 * 3 + 1, 1),
        lambda d: _next_month(d, 3),
        lambda d: f"{d.year}-Q{(d.month - 1) // 3 + 1}",
    ),
    "year": (
        lambda d: date(d.year, 1, 1),
        lambda d: date(d.year + 1, 1, 1),
        lambda d: str(d.year),
    ),
}
