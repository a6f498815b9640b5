"""What converts money row by row, at the rate of each row's local day, as SQL."""

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.money import DailyRates
from core.domain.windows import start_of_day
from core.lake.local_days import to_microseconds

_DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_SECOND = timedelta(seconds=1)


def rate_sql(rates: DailyRates, instant: str, timezone: str) -> str:
    """Return the SQL of the factor of each row: NULL on a day without a rate or outside them.

    One list and one look-up: a search among thousands of days compares a dozen times a row.

    Parameters
    ----------
    rates : DailyRates
        Factors of every day that the rows may lie on.
    instant : str
        SQL of the rows' instant (UTC), such as ``r.time``.
    timezone : str
        IANA name of the zone that days are cut in.
    """
    factors = ", ".join(
        "NULL" if math.isnan(factor) else f"{float(factor)!r}" for factor in rates.factors
    )
    place = f"{local_day_sql(instant, timezone, rates.first, rates.last)} - {_number(rates.first)}"
    # Lists count from 1; place 0 gives NULL, a negative one would count from the end.
    return f"list_extract([{factors}]::DOUBLE[], greatest({place} + 1, 0))"


def local_day_sql(instant: str, timezone: str, first: date, last: date) -> str:
    """Return the SQL of a row's local day, counted from 1970; exact from ``first`` to ``last``.

    Parameters
    ----------
    instant : str
        SQL of the rows' instant (UTC).
    timezone : str
        IANA name of the zone.
    first, last : date
        Days that matter; clocks that were changed outside of them are left alone.
    """
    zone = ZoneInfo(timezone)
    start = start_of_day(first - timedelta(days=2), timezone)
    end = start_of_day(last + timedelta(days=2), timezone)
    sql = str(_offset_us(start, zone))
    for change in _changes(start, end, zone):
        bound, later = int(to_microseconds(change)), _offset_us(change, zone)
        sql = f"CASE WHEN epoch_us({instant}) < {bound} THEN {sql} ELSE {later} END"
    return f"CAST(floor((epoch_us({instant}) + {sql}) / {_DAY_US}) AS BIGINT)"


def _number(day: date) -> int:
    return int((day - _EPOCH).days)


def _offset_us(at: datetime, zone: ZoneInfo) -> int:
    """Return how far the zone's clocks are before UTC, in microseconds."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return int(offset / timedelta(microseconds=1))


def _changes(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which the zone's clocks were changed, ascending."""
    found: list[datetime] = []
    at = start
    while at < end:
        following = at + timedelta(days=1)
        if _offset_us(at, zone) != _offset_us(following, zone):
            found.append(_change_between(at, following, zone))
        at = following
    return found


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second with the later offset, by halving."""
    old = _offset_us(before, zone)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if _offset_us(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after
