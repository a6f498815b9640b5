"""Dated exchange rates: what one unit of a currency was worth in Hong Kong dollars on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from core.domain.money import Rate
from core.store.tables import exchange_rate
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class RateSpan:
    """The rates of one currency.

    Parameters
    ----------
    currency : str
        ISO code.
    days : int
        How many there are.
    first, last : date
        The oldest and the newest day.
    newest : float
        HKD per unit on the newest day.
    imported_at : datetime
        When the newest of them was imported.
    source : str
        File that the newest came from.
    """

    currency: str
    days: int
    first: date
    last: date
    newest: float
    imported_at: datetime
    source: str


def every_rate(conn: Connection) -> tuple[Rate, ...]:
    """Return all rates by currency and day."""
    columns = (exchange_rate.c.currency, exchange_rate.c.day, exchange_rate.c.hkd)
    found = conn.execute(select(*columns).order_by(*columns[:2]))
    return tuple(Rate(*row) for row in found)


def add(conn: Connection, rates: Sequence[Rate], *, source: str, at: datetime, by: str) -> None:
    """Keep rates of days that have none; see :func:`replace` for others."""
    about = {"source": clean_text(source), "imported_at": at, "imported_by": by}
    rows = [
        {"currency": rate.currency, "day": rate.day, "hkd": rate.hkd, **about} for rate in rates
    ]
    if rows:
        conn.execute(insert(exchange_rate), rows)


def replace(conn: Connection, rates: Iterable[Rate], *, source: str, at: datetime, by: str) -> None:
    """Give days that have a rate another one."""
    for rate in rates:
        same = (exchange_rate.c.currency == rate.currency, exchange_rate.c.day == rate.day)
        conn.execute(
            update(exchange_rate)
            .where(*same)
            .values(hkd=rate.hkd, source=clean_text(source), imported_at=at, imported_by=by)
        )


def spans(conn: Connection) -> tuple[RateSpan, ...]:
    """Return what there is of each currency, by name."""
    extent = (
        select(
            exchange_rate.c.currency,
            func.count().label("days"),
            func.min(exchange_rate.c.day).label("first"),
            func.max(exchange_rate.c.day).label("last"),
        )
        .group_by(exchange_rate.c.currency)
        .subquery()
    )
    newest = (exchange_rate.c.currency == extent.c.currency) & (
        exchange_rate.c.day == extent.c.last
    )
    query = select(
        extent,
        exchange_rate.c.hkd,
        exchange_rate.c.imported_at,
        exchange_rate.c.source,
    ).join(exchange_rate, newest)
    return tuple(RateSpan(*row) for row in conn.execute(query.order_by(extent.c.currency)))
