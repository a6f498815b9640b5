"""Local calendar days of millions of instants, by the same rule that cuts chunks."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.domain.windows import local_day, start_of_day
from core.metrics.arrays import Integers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def to_microseconds(instant: datetime) -> int:
    """Return microseconds since 1970 (UTC)."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the instant of microseconds since 1970 (UTC)."""
    return _EPOCH + timedelta(microseconds=value)


class LocalDays:
    """Cuts instants into the days of a time zone; remembers the days' beginnings.

    Parameters
    ----------
    timezone : str
        IANA name.
    """

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._first = 0
        self._starts = np.empty(0, dtype=np.int64)

    def ordinals(self, microseconds: Integers) -> Integers:
        """Return each instant's local day as a proleptic ordinal (1 = 0001-01-01).

        Parameters
        ----------
        microseconds : ndarray of int64, shape (n,)
            Instants since 1970 (UTC).
        """
        if microseconds.size == 0:
            return np.empty(0, dtype=np.int64)
        first = local_day(from_microseconds(int(microseconds.min())), self._timezone).toordinal()
        last = local_day(from_microseconds(int(microseconds.max())), self._timezone).toordinal()
        self._cover(first, last)
        place = np.searchsorted(self._starts, microseconds, side="right")
        return place.astype(np.int64) + (self._first - 1)

    def _cover(self, first: int, last: int) -> None:
        end = self._first + len(self._starts)
        if len(self._starts) and self._first <= first and last < end:
            return
        if len(self._starts):
            first, last = min(first, self._first), max(last, end - 1)
        days = [date.fromordinal(number) for number in range(first, last + 1)]
        starts = [to_microseconds(start_of_day(day, self._timezone)) for day in days]
        self._first, self._starts = first, np.asarray(starts, dtype=np.int64)


def month_starts(ordinals: Integers) -> Integers:
    """Return the ordinal of the first day of each day's month.

    Parameters
    ----------
    ordinals : ndarray of int64, shape (n,)
        Proleptic ordinals of days.
    """
    days = (ordinals - EPOCH_ORDINAL).astype("datetime64[D]")
    first = days.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + EPOCH_ORDINAL
