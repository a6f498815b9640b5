"""Which two periods are compared: the one asked about, and the one before it."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.comparison import covered_share, window_before, year_earlier
from core.domain.windows import Chunk, Window, first_day_of, local_day, start_of_day
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.services.questions import View

PREVIOUS, LAST_YEAR = "previous", "last-year"
COVERED = 0.9
"""Share of the days of the period before that the log must reach back to."""

_SPAN = re.compile(r"^(.+?)\.\.(.+)$")


@dataclass(frozen=True, slots=True)
class Periods:
    """The two periods of a change; they do not overlap."""

    before: Window
    after: Window

    @property
    def turned(self) -> bool:
        """Whether the period compared with lies after the one asked about."""
        return self.before.start > self.after.start

    @property
    def chunks(self) -> tuple[Chunk, Chunk]:
        """Both periods in the order of time."""
        first, second = sorted((self.before, self.after), key=lambda each: each.start)
        return Chunk(0, "", first.start, first.end), Chunk(1, "", second.start, second.end)


def periods_of(view: View, baseline: str, *, final_until: datetime | None = None) -> Periods:
    """Return the period that a question is about, and the one to compare it with.

    Parameters
    ----------
    view : View
        The question made exact. Its own days are the period; where it names none, the newest
        chunk that is over, and final where the KPI waits for outcomes.
    baseline : str
        ``previous``: as many whole months, else days, before; ``last-year``: the same days a year
        earlier; or ``FROM..TO``, both days included.
    final_until : datetime, optional
        Up to when rows are final; ``None`` if all are.

    Raises
    ------
    InvalidInput
        If the baseline cannot be read, or overlaps with the period.
    NotComputable
        If the log does not reach back to it, or no period is over yet.
    """
    after = _asked(view, final_until)
    before = _before(view, after, baseline)
    if before.start < after.end and after.start < before.end:
        raise InvalidInput(
            N_("The two periods overlap."),
            remedy=N_("Compare with a period that ends before the other begins."),
        )
    if covered_share(before, view.first_prediction, view.timezone) < COVERED:
        raise _log_begins(view)
    return Periods(before, after)


def _log_begins(view: View) -> NotComputable:
    return NotComputable(
        N_("The log begins on {date}: it does not hold the period to compare with."),
        date=local_day(view.first_prediction, view.timezone),
    )


def _asked(view: View, final: datetime | None) -> Window:
    question = view.question
    if question.start or question.end or question.last:
        return view.window
    limit = view.window.end if final is None else min(view.window.end, final)
    over = [each for each in view.chunks if each.end <= limit and _is_whole(view, each)]
    if not over:
        raise NotComputable(
            N_("No period is over and final yet, so no change can be told."),
            remedy=N_("Choose days of your own."),
        )
    return Window(over[-1].start, over[-1].end)


def _is_whole(view: View, chunk: Chunk) -> bool:
    """Whether the log does not begin or end within a chunk of the calendar."""
    by = view.question.by
    days = (local_day(chunk.start, view.timezone), local_day(chunk.end, view.timezone))
    return by == "all" or all(first_day_of(day, by) == day for day in days)


def _before(view: View, after: Window, baseline: str) -> Window:
    if baseline == PREVIOUS:
        return _just_before(after, view.timezone)
    if baseline == LAST_YEAR:
        whole = Chunk(0, "", after.start, after.end)
        found = year_earlier(whole, view.question.by, view.timezone)
        if found is None:
            raise InvalidInput(
                N_("The period is longer than a year, or has no such days a year earlier."),
                remedy=N_("Compare with a period of your own: FROM..TO."),
            )
        return found
    match = _SPAN.match(baseline)
    if match is None:
        raise InvalidInput(
            N_("{text!r} is not a period to compare with."),
            remedy=N_("Write previous, last-year, or days such as 2025-01-01..2025-03-31."),
            text=baseline,
        )
    return Window.parse(match[1], match[2], view.timezone)


def _just_before(after: Window, timezone: str) -> Window:
    """Return as many whole months as the period has, or else as many days, just before it."""
    if not after.is_calendar(timezone):
        return Window(after.start - (after.end - after.start), after.start)
    first, end = local_day(after.start, timezone), local_day(after.end, timezone)
    if first.day != 1 or end.day != 1:
        return window_before(after, 1, timezone)
    months = (end.year - first.year) * 12 + end.month - first.month
    index = first.year * 12 + first.month - 1 - months
    begins = date(index // 12, index % 12 + 1, 1)
    return Window(start_of_day(begins, timezone), after.start)
