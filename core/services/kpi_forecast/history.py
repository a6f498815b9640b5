"""The sums of KPIs day by day, and the periods that they make up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from core.contract.kpi_definitions import KpiDefinition
from core.domain.windows import Chunk, Grain, Window, calendar_chunks, first_day_of, local_day
from core.lake.duck import Duck
from core.lake.kpis.rows import KpiRows
from core.lake.kpis.sums import PartBy, kpi_sums
from core.metrics.arrays import Floats
from core.metrics.forecast import OpenPeriod, PastPeriod, weeks_before
from core.metrics.kpi import linear_atoms, plans_of
from core.services.questions import View

MOST_PAST = 40
"""Past periods that are looked at."""

WEEKS: dict[str, int] = {"month": 8, "quarter": 8, "year": 52}
"""Weeks that the days left are drawn from, by the length of the period."""

_DAYS = {"month": 31, "quarter": 92, "year": 366}
_SILENT = 0.1  # of the weeks may have no rows at all
NIGHT = timedelta(hours=2.4)  # before midnight from which on a day counts as over


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A KPI by day.

    Parameters
    ----------
    first : date
        The first day.
    sums : ndarray, shape (D, A)
        Its sums; 0 on days without rows.
    rows : ndarray, shape (D,)
        Rows that count.
    weeks : int
        Weeks to draw from.
    """

    first: date
    sums: Floats
    rows: Floats
    weeks: int

    def place(self, day: date) -> int:
        """Return the place of a day; below 0 before the first."""
        return (day - self.first).days

    @property
    def newest(self) -> date | None:
        """The last day with rows; ``None`` without any."""
        found = np.flatnonzero(self.rows)
        return self.first + timedelta(days=int(found[-1])) if found.size else None

    def total(self, start: date, stop: date) -> Floats:
        """Return the sums from a day to before another; NaN if the first is not in the log."""
        if self.place(start) < 0:
            return np.full(self.sums.shape[1], np.nan)
        added: Floats = self.sums[self.place(start) : max(self.place(stop), 0)].sum(axis=0)
        return added

    def is_over(self, day: date, until: datetime, end: datetime) -> bool:
        """Whether a day counts as over: at night, or with as many rows as such days have.

        Parameters
        ----------
        day : date
            The newest with rows.
        until : datetime
            Up to which instant rows count.
        end : datetime
            At which the day ends.
        """
        place = self.place(day)
        like = self.rows[place % 7 : place : 7][-self.weeks :]
        return until >= end - NIGHT or bool(
            like.size and self.rows[place] >= max(float(np.median(like)), 1.0)
        )

    def is_young(self, day: date) -> bool:
        """Whether there are fewer weeks between the first row and a day than are drawn from."""
        found = np.flatnonzero(self.rows)
        return not found.size or self.place(day) + 1 - int(found[0]) < 7 * self.weeks

    def opened(self, start: date, stop: date, over: date) -> OpenPeriod | None:
        """Return a period as it is when some day is over; ``None`` if weeks before it are silent.

        Parameters
        ----------
        start, stop : date
            The first day of the period, and that after its last.
        over : date
            The last day that is over; before ``start`` if none of the period is.
        """
        weeks = weeks_before(self.sums, self.place(over), self.weeks)
        rows = weeks_before(self.rows[:, None], self.place(over), self.weeks)
        if weeks is None or rows is None:
            return None
        if (rows.sum(axis=(1, 2)) == 0).mean() > _SILENT:
            return None
        known = self.total(start, over + timedelta(days=1)) if over >= start else weeks[0, 0] * 0
        return OpenPeriod(known, weeks, (stop - over).days - 1)

    def past(self, periods: Sequence[tuple[date, date]], days_left: int) -> list[PastPeriod]:
        """Return periods that are over, each as it was with as many days left.

        Parameters
        ----------
        periods : sequence of (date, date)
            The first day of each, and that after its last; in the order of time.
        days_left : int
            Cut to the length of the period.
        """
        found = []
        for place, (start, stop) in enumerate(periods):
            days = (stop - start).days
            then = self.opened(start, stop, stop - timedelta(days=min(days_left, days) + 1))
            if then is None or self.place(start) < 0:
                continue
            last = self.total(*periods[place - 1]) if place else np.full_like(then.known, np.nan)
            found.append(PastPeriod(then, self.total(start, stop), last, days))
        return found


def day_chunks(view: View, by: str) -> tuple[Chunk, ...]:
    """Return the days of the log that forecasts are made of, with those of its newest period."""
    last = local_day(view.last_prediction, view.timezone)
    back = last - timedelta(days=(MOST_PAST + 2) * _DAYS[by] + 7 * WEEKS[by])
    first = max(local_day(view.first_prediction, view.timezone), back)
    return calendar_chunks(Window.of_days(first, last, view.timezone), "day", view.timezone)


def histories(
    duck: Duck, rows: KpiRows, definitions: Sequence[KpiDefinition], view: View, weeks: int
) -> dict[str, History]:
    """Return KPIs that read the same rows by day, by their ids.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    expressions = {each.id: each.expression for each in definitions if each.expression}
    found: dict[str, History] = {}
    count, first = len(rows.chunks), local_day(rows.chunks[0].start, view.timezone)
    for plan, batch in plans_of(list(expressions.values())):
        sums = kpi_sums(duck, rows, replace(plan, pairs=()), PartBy())
        inside = sums.period >= 0
        n = np.bincount(sums.period[inside], sums.summed.n[inside], count).astype(np.float64)
        for kpi, expression in expressions.items():
            if expression in batch:
                added = sums.summed.atoms(linear_atoms(expression), sums.period, count)
                found[kpi] = History(first, np.nan_to_num(added), n, weeks)
    return found


def period_of(day: date, by: Grain, timezone: str) -> Chunk:
    """Return the whole month, quarter or year that a day lies in."""
    around = Window.of_days(first_day_of(day, by), day + timedelta(days=_DAYS[by]), timezone)
    return calendar_chunks(around, by, timezone)[0]


def periods_before(start: date, by: Grain, count: int) -> list[tuple[date, date]]:
    """Return periods that end before a period begins, the oldest first, as days; end excluded."""
    found: list[tuple[date, date]] = []
    stop = start
    for _ in range(count):
        begun = first_day_of(stop - timedelta(days=1), by)
        found.append((begun, stop))
        stop = begun
    return found[::-1]
