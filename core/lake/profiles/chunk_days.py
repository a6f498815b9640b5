"""How chunks fall onto whole days (or months), and which ragged ends are left over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np

from core.domain.windows import Chunk, local_day, start_of_day
from core.metrics.arrays import Integers

Unit = Literal["day", "month"]
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Chunks as whole units and ragged ends.

    Parameters
    ----------
    first_day : int
        Ordinal of the first day of ``chunk_of_day``.
    chunk_of_day : ndarray of int64, shape (days,)
        Chunk that counts the day; -1 for none.
    ragged : tuple of (int, datetime, datetime)
        Chunk and half-open interval of what must be counted from raw rows, by time.
    """

    first_day: int
    chunk_of_day: Integers
    ragged: tuple[tuple[int, datetime, datetime], ...]


def cover(
    chunks: Sequence[Chunk],
    unit: Unit,
    timezone: str,
    *,
    first: datetime,
    last: datetime,
    until: datetime | None = None,
) -> Cover:
    """Split chunks into whole local days or months, and ragged ends.

    Parameters
    ----------
    chunks : sequence of Chunk
        Chunks that do not overlap; their place in the sequence is their number.
    unit : {"day", "month"}
        What is counted whole.
    timezone : str
        Zone in which days begin.
    first, last : datetime
        Oldest and newest row: beyond them nothing is ragged, because nothing is there.
    until : datetime, optional
        Rows of later instants are invisible.
    """
    cap = None if until is None or until >= last else until + _TICK
    whole: list[tuple[int, int, int]] = []
    ragged: list[tuple[int, datetime, datetime]] = []
    for index, chunk in enumerate(chunks):
        start = max(chunk.start, first)
        end = min(chunk.end, last + _TICK if cap is None else cap)
        if start >= end:
            continue
        begin, finish = _whole_units(start, end, unit, timezone, first=first, last=last)
        if begin >= finish:
            ragged.append((index, start, end))
            continue
        whole.append((index, begin.toordinal(), finish.toordinal()))
        head, tail = start_of_day(begin, timezone), start_of_day(finish, timezone)
        if start < head:
            ragged.append((index, start, head))
        if tail < end:
            ragged.append((index, tail, end))
    ragged.sort(key=lambda entry: entry[1])
    if not whole:
        return Cover(0, np.empty(0, dtype=np.int64), tuple(ragged))
    origin = min(begin for _, begin, _ in whole)
    days = np.full(max(finish for _, _, finish in whole) - origin, -1, dtype=np.int64)
    for index, opening, closing in whole:
        days[opening - origin : closing - origin] = index
    return Cover(origin, days, tuple(ragged))


def _whole_units(
    start: datetime, end: datetime, unit: Unit, timezone: str, *, first: datetime, last: datetime
) -> tuple[date, date]:
    """Return the first whole unit's day and the day behind the last whole unit."""
    begin = _floor(local_day(start, timezone), unit)
    if start > first and start_of_day(begin, timezone) != start:
        begin = _following(begin, unit)
    finish = _floor(local_day(end, timezone), unit)
    if end > last:
        finish = _following(_floor(local_day(last, timezone), unit), unit)
    return begin, finish


def _floor(day: date, unit: Unit) -> date:
    return day.replace(day=1) if unit == "month" else day


def _following(day: date, unit: Unit) -> date:
    return _floor(day + timedelta(days=32 if unit == "month" else 1), unit)
