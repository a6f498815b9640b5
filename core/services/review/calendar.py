"""The working days of Hong Kong: public holidays from a library, closures from the workspace."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection

from core.store.review import closures


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which a clock of working days stands still, besides weekends.

    Parameters
    ----------
    closures : frozenset of date
        Days on which offices were shut.
    """

    closures: frozenset[date]

    def __contains__(self, day: object) -> bool:
        """Whether it is a public holiday, or a day of closure."""
        return isinstance(day, date) and (day in self.closures or day in public_holidays(day.year))


def days_off(conn: Connection) -> DaysOff:
    """Return the days off as they are known in a transaction."""
    return DaysOff(closures.days(conn))


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """Return the general holidays of a year in Hong Kong, substitutes included.

    Sundays are not among them: nobody works on one.
    Of years that are not gazetted yet they are computed by the same rules.
    """
    from holidays import country_holidays  # noqa: PLC0415  # 60 ms; most processes need none

    # The category "public" of the package lacks Good Friday; "optional" has all.
    return frozenset(country_holidays("HK", years=year, categories=("optional",)))
