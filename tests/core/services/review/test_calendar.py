"""Public holidays against the gazetted lists of general holidays, typed in by hand."""

from datetime import date

import pytest

from core.services.review.calendar import DaysOff, public_holidays

# The general holidays that the Government of the Hong Kong SAR gazetted for these years (General
# Holidays Ordinance, Cap. 149), every Sunday left out. 2022, 2023, 2026 and 2027 hold substitutes:
# "the day following" a holiday on a Sunday, the fourth day of Lunar New Year, 27 December.
GAZETTED = {
    2022: "1-1 2-1 2-2 2-3 4-5 4-15 4-16 4-18 5-2 5-9 6-3 7-1 9-12 10-1 10-4 12-26 12-27",
    2023: "1-2 1-23 1-24 1-25 4-5 4-7 4-8 4-10 5-1 5-26 6-22 7-1 9-30 10-2 10-23 12-25 12-26",
    2024: "1-1 2-10 2-12 2-13 3-29 3-30 4-1 4-4 5-1 5-15 6-10 7-1 9-18 10-1 10-11 12-25 12-26",
    2025: "1-1 1-29 1-30 1-31 4-4 4-18 4-19 4-21 5-1 5-5 5-31 7-1 10-1 10-7 10-29 12-25 12-26",
    2026: "1-1 2-17 2-18 2-19 4-3 4-4 4-6 4-7 5-1 5-25 6-19 7-1 9-26 10-1 10-19 12-25 12-26",
    2027: "1-1 2-6 2-8 2-9 3-26 3-27 3-29 4-5 5-1 5-13 6-9 7-1 9-16 10-1 10-8 12-25 12-27",
}


@pytest.mark.parametrize("year", GAZETTED)
def test_holidays_are_those_of_the_gazette(year: int) -> None:
    gazetted = {date(year, *map(int, day.split("-"))) for day in GAZETTED[year].split()}
    assert len(gazetted) == 17
    assert {day for day in public_holidays(year) if day.weekday() != 6} == gazetted


def test_days_off_are_holidays_and_closures() -> None:
    off = DaysOff(frozenset({date(2026, 9, 22)}))
    assert date(2026, 9, 22) in off
    assert date(2026, 4, 3) in off  # Good Friday: no statutory holiday, but a general one
    assert date(2026, 9, 23) not in off
    assert "2026-09-22" not in off
