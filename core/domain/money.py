"""Amounts in other currencies: dated rates, and the one that is in force on a day.

A rate is a number of Hong Kong dollars for one unit of a currency, published for a day. On a day
without one of its own the newest earlier rate is in force, as over a weekend; after
:data:`STALE_DAYS` days it still is, and is called stale. Before the first rate of a currency there
is none: an amount of such a day has no value in another currency, and no figure pretends it has.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

BASE: Final = "HKD"
STALE_DAYS: Final = 10


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """What one unit of a currency was worth on a day, in Hong Kong dollars."""

    currency: str
    day: date
    hkd: float


@dataclass(frozen=True, slots=True)
class RateInForce:
    """What converts an amount of a day.

    Parameters
    ----------
    factor : float
        Units of the target for one unit of the source; NaN without a rate.
    published : date, optional
        Day of the older of the rates used; ``None`` if none is needed or there is none.
    stale : bool
        Whether that is more than ten days before the day asked for.
    missing : str
        Currency that has no rate yet on the day; empty if none lacks one.
    """

    factor: float
    published: date | None = None
    stale: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class DailyRates:
    """The factors of every day of a period.

    Parameters
    ----------
    source, target : str
        ISO codes: the factor times an amount in ``source`` is an amount in ``target``.
    first : date
        Day of the first factor; the others follow day by day.
    factors : tuple of float
        NaN on days without a rate.
    missing : tuple of str
        Currencies that lack a rate on some of the days.
    missing_until : date, optional
        The last day without a rate.
    stale : tuple of date
        Days whose rate was published more than ten days before.
    """

    source: str
    target: str
    first: date
    factors: tuple[float, ...]
    missing: tuple[str, ...] = ()
    missing_until: date | None = None
    stale: tuple[date, ...] = ()

    @property
    def last(self) -> date:
        """The last day that has a place."""
        return self.first + timedelta(days=len(self.factors) - 1)

    @property
    def complete(self) -> bool:
        """Whether each day has a rate."""
        return not self.missing

    @property
    def stale_days(self) -> int:
        """How many days have a stale rate."""
        return len(self.stale)


@dataclass(frozen=True)
class RateTable:
    """All dated rates of the workspace.

    Parameters
    ----------
    rates : Mapping of str to tuple of Rate
        By currency, ascending by day, one for a day. The base currency has none.
    """

    rates: Mapping[str, tuple[Rate, ...]]

    @classmethod
    def of(cls, rates: Iterable[Rate]) -> "RateTable":
        """Return the table of some rates; of two for the same day the later one counts."""
        found: dict[str, dict[date, Rate]] = {}
        for rate in rates:
            if rate.currency != BASE:
                found.setdefault(rate.currency, {})[rate.day] = rate
        return cls(
            {name: tuple(by_day[day] for day in sorted(by_day)) for name, by_day in found.items()}
        )

    @property
    def currencies(self) -> tuple[str, ...]:
        """The base currency, then those with a rate by name."""
        return (BASE, *sorted(self.rates))

    @cached_property
    def digest(self) -> str:
        """Sixteen hex digits that change whenever a rate does."""
        lines = (
            f"{rate.currency} {rate.day} {rate.hkd!r}"
            for name in sorted(self.rates)
            for rate in self.rates[name]
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    @cached_property
    def _days(self) -> dict[str, tuple[date, ...]]:
        return {name: tuple(rate.day for rate in rates) for name, rates in self.rates.items()}

    def in_force(self, source: str, target: str, day: date) -> RateInForce:
        """Return what converts an amount of ``source`` on a local day into ``target``.

        The factor is HKD per unit of the source over HKD per unit of the target.

        Examples
        --------
        >>> table = RateTable.of([Rate("USD", date(2010, 1, 4), 7.75)])
        >>> table.in_force("USD", "HKD", date(2010, 1, 6)).factor
        7.75
        >>> table.in_force("USD", "HKD", date(2010, 1, 3)).missing
        'USD'
        """
        if source == target:
            return RateInForce(1.0)
        factor, published = 1.0, None
        for currency, power in ((source, 1), (target, -1)):
            if currency == BASE:
                continue
            rate = self._rate(currency, day)
            if rate is None:
                return RateInForce(math.nan, missing=currency)
            factor = factor * rate.hkd if power == 1 else factor / rate.hkd
            published = rate.day if published is None else min(published, rate.day)
        stale = published is not None and (day - published).days > STALE_DAYS
        return RateInForce(factor, published, stale)

    def convert(self, amount: float, source: str, target: str, day: date) -> float:
        """Return an amount of a local day in another currency; NaN without a rate."""
        return amount * self.in_force(source, target, day).factor

    def daily(self, source: str, target: str, first: date, last: date) -> DailyRates:
        """Return the factors of the local days ``first`` … ``last``, both included."""
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        found = [self.in_force(source, target, day) for day in days]
        without = [day for day, rate in zip(days, found, strict=True) if rate.missing]
        return DailyRates(
            source,
            target,
            first,
            tuple(rate.factor for rate in found),
            tuple(sorted({rate.missing for rate in found if rate.missing})),
            without[-1] if without else None,
            tuple(day for day, rate in zip(days, found, strict=True) if rate.stale),
        )

    def _rate(self, currency: str, day: date) -> Rate | None:
        place = bisect_right(self._days.get(currency, ()), day)
        return self.rates[currency][place - 1] if place else None
