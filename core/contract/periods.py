"""Spans of time in a contract: ages, and the two kinds of reference."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from core.contract.base import Part

_AGE = re.compile(r"^(\d+)\s*(hour|day|week|month|year)s?$")
_HOURS = {"hour": 1, "day": 24, "week": 168}


class Age(Part):
    """A span such as ``36 months``; months are calendar months."""

    months: int = Field(default=0, ge=0)
    hours: int = Field(default=0, ge=0)

    def after(self, instant: datetime) -> datetime:
        """Return the instant that lies this age after another (day clipped to the month)."""
        return _add_months(instant, self.months) + timedelta(hours=self.hours)

    def before(self, instant: datetime) -> datetime:
        """Return the instant that lies this age before another (day clipped to the month)."""
        return _add_months(instant - timedelta(hours=self.hours), -self.months)

    def __str__(self) -> str:
        if self.months:
            return f"{self.months} months"
        return f"{self.hours // 24} days" if self.hours % 24 == 0 else f"{self.hours} hours"


def _add_months(instant: datetime, months: int) -> datetime:
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    day = min(instant.day, _days_in(year, month + 1))
    return instant.replace(year=year, month=month + 1, day=day)


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def parse_age(value: Any) -> Any:
    """Read ``36 months``, ``90 days``, ``2 years``, ``12 hours``."""
    if isinstance(value, Age | dict):
        return value
    match = _AGE.match(str(value).strip())
    if match is None:
        raise ValueError("write an age as '36 months', '90 days' or '12 hours'")
    count, unit = int(match[1]), match[2]
    if unit in _HOURS:
        return {"hours": count * _HOURS[unit]}
    return {"months": count * (12 if unit == "year" else 1)}


AgeText = Annotated[Age, BeforeValidator(parse_age)]


HALF_A_YEAR = 181
"""Days of the shorter half of a year, January to June."""


class ReferenceWindow(Part):
    """The days whose rows everything later is compared with, both ends included."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError("'to' lies before 'from': exchange them")
        return self

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def is_short(self) -> bool:
        """Whether it is less than half a year: alarms against it vouch for less."""
        return self.days < HALF_A_YEAR


class PerformanceReference(Part):
    """Labelled, out-of-sample rows: a registered data set, or a period of the log."""

    dataset: str | None = None
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = (self.dataset is not None, self.start is not None, self.end is not None)
        if given not in {(True, False, False), (False, True, True)}:
            raise ValueError("give either 'dataset' or both 'from' and 'to'")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("'to' lies before 'from': exchange them")
        return self
