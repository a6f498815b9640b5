"""What is compared with what: dates counted by hand on the calendars of 2023 to 2026."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.comparison import (
    LONGEST_ROLLING,
    REFERENCE,
    Comparison,
    ComparisonKind,
    covered_share,
    first_day_before,
    window_before,
    year_earlier,
)
from core.domain.windows import Chunk, Window, calendar_chunks, start_of_day
from core.errors import InvalidInput

ZONE = "Asia/Hong_Kong"


def chunk(first: str, last: str) -> Chunk:
    window = Window.parse(first, last, ZONE)
    return Chunk(0, "", window.start, window.end)


@pytest.mark.parametrize(
    ("text", "kind", "periods"),
    [
        (None, ComparisonKind.reference, 1),
        ("", ComparisonKind.reference, 1),
        ("reference", ComparisonKind.reference, 1),
        ("weekday", ComparisonKind.weekday, 1),
        ("last-year", ComparisonKind.last_year, 1),
        ("previous", ComparisonKind.rolling, 1),
        ("rolling:1", ComparisonKind.rolling, 1),
        ("rolling:6", ComparisonKind.rolling, 6),
    ],
)
def test_texts(text: str | None, kind: ComparisonKind, periods: int) -> None:
    assert Comparison.parse(text) == Comparison(kind, periods)


@pytest.mark.parametrize(
    "text", ["rolling", "rolling:0", "rolling:-1", f"rolling:{LONGEST_ROLLING + 1}", "month", "x"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="nothing to compare with"):
        Comparison.parse(text)


@given(
    st.one_of(
        st.sampled_from(
            [REFERENCE, Comparison(ComparisonKind.weekday), Comparison(ComparisonKind.last_year)]
        ),
        st.integers(1, LONGEST_ROLLING).map(lambda n: Comparison(ComparisonKind.rolling, n)),
    )
)
def test_a_comparison_reads_what_it_writes(comparison: Comparison) -> None:
    assert Comparison.parse(str(comparison)) == comparison


@pytest.mark.parametrize(
    ("by", "first", "last", "earlier"),
    [
        ("month", "2026-03-01", "2026-03-31", ("2025-03-01", "2025-03-31")),
        ("month", "2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28")),
        ("month", "2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-28")),
        ("quarter", "2026-01-01", "2026-03-31", ("2025-01-01", "2025-03-31")),
        ("year", "2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
        ("day", "2026-11-21", "2026-11-21", ("2025-11-21", "2025-11-21")),
        # A month that is not over is compared with as many days.
        ("month", "2026-03-01", "2026-03-10", ("2025-03-01", "2025-03-10")),
        # 2026-W10 begins on Monday 2 March; 2025-W10 on Monday 3 March.
        ("week", "2026-03-02", "2026-03-08", ("2025-03-03", "2025-03-09")),
        ("all", "2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
    ],
)
def test_the_same_stretch_a_year_earlier(
    by: str, first: str, last: str, earlier: tuple[str, str]
) -> None:
    assert year_earlier(chunk(first, last), by, ZONE) == Window.parse(*earlier, ZONE)


@pytest.mark.parametrize(
    ("by", "first", "last"),
    [
        ("day", "2024-02-29", "2024-02-29"),  # 2023 has no such day
        ("week", "2020-12-28", "2021-01-03"),  # 2020-W53; 2019 has 52 weeks
        ("all", "2025-01-01", "2026-12-31"),  # would be compared with its own first year
    ],
)
def test_no_such_stretch_a_year_earlier(by: str, first: str, last: str) -> None:
    assert year_earlier(chunk(first, last), by, ZONE) is None


def test_a_window_cut_at_noon_is_cut_at_noon_a_year_earlier() -> None:
    window = Window.parse("2026-03-05T12:00:00", "2026-03-20T06:30:00", ZONE)
    found = year_earlier(Chunk(0, "", window.start, window.end), "month", ZONE)
    assert found == Window.parse("2025-03-05T12:00:00", "2025-03-20T06:30:00", ZONE)


@pytest.mark.parametrize("by", ["day", "week", "month", "quarter", "year"])
@given(first=st.dates(date(2001, 1, 1), date(2040, 1, 1)), days=st.integers(0, 900))
def test_years_earlier_come_in_order_and_do_not_overlap(by: str, first: date, days: int) -> None:
    window = Window.of_days(first, first + timedelta(days=days), ZONE)
    chunks = calendar_chunks(window, by, ZONE)  # type: ignore[arg-type]
    found = [each for each in (year_earlier(c, by, ZONE) for c in chunks) if each is not None]
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert len(found) >= len(chunks) - (days // 365 + 1)  # at most one a year has no counterpart


@pytest.mark.parametrize(
    ("day", "by", "periods", "first"),
    [
        (date(2026, 11, 21), "month", 0, date(2026, 11, 1)),
        (date(2026, 11, 21), "month", 3, date(2026, 8, 1)),
        (date(2026, 11, 21), "week", 2, date(2026, 11, 2)),
        (date(2026, 11, 21), "day", 6, date(2026, 11, 15)),
        (date(2026, 2, 3), "quarter", 1, date(2025, 10, 1)),
        (date(2026, 2, 3), "year", 2, date(2024, 1, 1)),
    ],
)
def test_periods_before(day: date, by: str, periods: int, first: date) -> None:
    assert first_day_before(day, by, periods) == first


def test_the_days_before_a_window() -> None:
    window = Window.parse("2026-11-11", "2026-11-20", ZONE)
    assert window_before(window, 1, ZONE) == Window.parse("2026-11-01", "2026-11-10", ZONE)
    assert window_before(window, 2, ZONE) == Window.parse("2026-10-22", "2026-11-10", ZONE)


def test_how_much_of_a_period_the_log_reaches_back_to() -> None:
    window = Window.parse("2026-11-01", "2026-11-10", ZONE)
    assert covered_share(window, datetime(2020, 1, 1, tzinfo=UTC), ZONE) == 1
    assert covered_share(window, start_of_day(date(2026, 11, 1), ZONE), ZONE) == 1
    noon = start_of_day(date(2026, 11, 3), ZONE) + timedelta(hours=12)
    assert covered_share(window, noon, ZONE) == pytest.approx(0.8)
    assert covered_share(window, datetime(2026, 12, 1, tzinfo=UTC), ZONE) == 0
