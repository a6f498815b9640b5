from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Chunk, Window, calendar_chunks, local_day
from core.domain.windows import GRAINS, Grain, last_instant, spans_of, start_of_day
from core.errors import InvalidInput

HONG_KONG = "Asia/Hong_Kong"
# Clocks that change at 02:00, at midnight (Havana), by half an hour (Lord Howe), and the zone
# that left out 30 December 2011 (Apia).
ZONES = [
    "UTC",
    HONG_KONG,
    "Europe/London",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
]
INSTANTS = st.datetimes(
    min_value=datetime(2006, 1, 1), max_value=datetime(2014, 12, 31), timezones=st.just(UTC)
)
CALENDAR_GRAINS: list[Grain] = ["day", "week", "month", "quarter", "year", "all"]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(INSTANTS)
    return Window(start, start + draw(st.timedeltas(timedelta(microseconds=1), timedelta(900))))


@given(windows(), st.sampled_from(CALENDAR_GRAINS), st.sampled_from(ZONES))
def test_chunks_partition_the_window_exactly(window: Window, by: Grain, zone: str) -> None:
    chunks = calendar_chunks(window, by, zone)
    assert chunks[0].start == window.start
    assert chunks[-1].end == window.end
    assert all(left.end == right.start for left, right in pairwise(chunks))
    assert all(chunk.start < chunk.end for chunk in chunks)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.key for chunk in chunks}) == len(chunks)


@given(windows(), st.sampled_from(CALENDAR_GRAINS[:-1]), st.sampled_from(ZONES))
def test_chunks_meet_at_local_midnight_and_hold_one_period(
    window: Window, by: Grain, zone: str
) -> None:
    chunks = calendar_chunks(window, by, zone)
    for chunk in chunks[1:]:
        assert chunk.start == start_of_day(local_day(chunk.start, zone), zone)
    for chunk in chunks:
        first, last = Window(chunk.start, chunk.end).days(zone)
        assert _period(first, by) == _period(last, by)
    for left, right in pairwise(chunks):
        assert _period(local_day(left.start, zone), by) < _period(local_day(right.start, zone), by)


def _period(day: date, by: Grain) -> tuple[int, ...]:
    """Return the period of a day, counted without the module under test."""
    return {
        "day": (day.toordinal(),),
        "week": day.isocalendar()[:2],
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month + 2) // 3),
        "year": (day.year,),
    }[by]


@given(INSTANTS, st.sampled_from(ZONES))
def test_an_instant_lies_in_its_local_day(instant: datetime, zone: str) -> None:
    day = local_day(instant, zone)
    assert start_of_day(day, zone) <= instant < start_of_day(day + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("day", ["2025-12-31", "2026-01-01"]),
        ("week", ["2026-W01"]),  # 31 December 2025 is a Wednesday: its ISO week is 2026's first
        ("month", ["2025-12", "2026-01"]),
        ("quarter", ["2025-Q4", "2026-Q1"]),
        ("year", ["2025", "2026"]),
        ("all", ["2025-12-31..2026-01-01"]),
    ],
)
def test_keys_read_as_people_write_periods(by: Grain, keys: list[str]) -> None:
    window = Window.of_days(date(2025, 12, 31), date(2026, 1, 1), HONG_KONG)
    assert [chunk.key for chunk in calendar_chunks(window, by, HONG_KONG)] == keys


def test_days_are_23_and_25_hours_long_where_clocks_change() -> None:
    spring = Window.of_days(date(2026, 3, 29), date(2026, 3, 29), "Europe/London")
    autumn = Window.of_days(date(2026, 10, 25), date(2026, 10, 25), "Europe/London")
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


def test_a_day_that_a_zone_left_out_makes_no_chunk() -> None:
    window = Window.of_days(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia")
    keys = [chunk.key for chunk in calendar_chunks(window, "day", "Pacific/Apia")]
    assert keys == ["2011-12-29", "2011-12-31"]


def test_an_empty_window_has_no_calendar_chunk() -> None:
    instant = datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert calendar_chunks(Window(instant, instant), "day", "UTC") == ()


def test_chunks_are_clipped_to_the_window() -> None:
    window = Window.parse("2026-01-31T12:00", "2026-02-01T06:00", HONG_KONG)
    assert calendar_chunks(window, "month", HONG_KONG) == (
        Chunk(0, "2026-01", _utc(2026, 1, 31, 4), _utc(2026, 1, 31, 16)),
        Chunk(1, "2026-02", _utc(2026, 1, 31, 16), _utc(2026, 1, 31, 22)),
    )


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_chunks_that_meet_make_one_span() -> None:
    window = Window.of_days(date(2024, 1, 1), date(2024, 6, 30), HONG_KONG)
    january, february, march, _, may, june = calendar_chunks(window, "month", HONG_KONG)
    assert spans_of(()) == []
    assert spans_of((january, february, march, may, june)) == [
        (january.start, march.end),
        (may.start, june.end),
    ]


def test_an_unknown_chunk_length_lists_the_known_ones() -> None:
    window = Window(_utc(2026, 1, 1), _utc(2026, 1, 2))
    with pytest.raises(InvalidInput, match=r"'hour' is not.*day, week, month, quarter, year, all"):
        calendar_chunks(window, "hour", "UTC")  # type: ignore[arg-type]
    assert list(GRAINS) == CALENDAR_GRAINS


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # Hong Kong is UTC+8: local midnight is 16:00 UTC of the day before.
        ("2026-01-01", "2026-01-31", (_utc(2025, 12, 31, 16), _utc(2026, 1, 31, 16))),
        ("20260101", "20260131", (_utc(2025, 12, 31, 16), _utc(2026, 1, 31, 16))),
        ("2026-01-01", "2026-01-31T00:00", (_utc(2025, 12, 31, 16), _utc(2026, 1, 30, 16))),
        ("2026-01-01T00:00Z", "2026-01-02T01:00+01:00", (_utc(2026, 1, 1), _utc(2026, 1, 2))),
    ],
)
def test_a_date_only_end_is_included_and_a_timestamp_is_not(
    start: str, end: str, expected: tuple[datetime, datetime]
) -> None:
    window = Window.parse(start, end, HONG_KONG)
    assert (window.start, window.end) == expected


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 500), st.sampled_from(ZONES))
def test_parse_of_two_dates_covers_both_days_whole(first: date, more: int, zone: str) -> None:
    last = first + timedelta(days=more)
    window = Window.parse(first.isoformat(), last.isoformat(), zone)
    assert window == Window.of_days(first, last, zone)
    assert window.is_calendar(zone)
    assert window.start == start_of_day(first, zone)
    assert window.end == start_of_day(last + timedelta(days=1), zone)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(900)), st.sampled_from(ZONES))
def test_parse_of_two_timestamps_is_those_instants(
    start: datetime, length: timedelta, zone: str
) -> None:
    window = Window.parse(start.isoformat(), (start + length).isoformat(), zone)
    assert window == Window(start, start + length)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-13-01", "9999-12-31", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"neither a date nor a timestamp.*Write 2026-11-21"):
        Window.parse("2026-01-01", text, HONG_KONG)


def test_a_window_is_kept_in_utc() -> None:
    window = Window(
        datetime.fromisoformat("2026-01-01T08:00+08:00"),
        datetime.fromisoformat("2026-01-02T08:00+08:00"),
    )
    assert window.start.tzinfo is UTC
    assert window == Window(_utc(2026, 1, 1), _utc(2026, 1, 2))


def test_a_window_needs_zones_and_order() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        Window(datetime(2026, 1, 1), _utc(2026, 1, 2))
    with pytest.raises(InvalidInput, match="time zone"):
        Window(_utc(2026, 1, 1), datetime(2026, 1, 2))
    with pytest.raises(InvalidInput, match=r"ends .* before it starts"):
        Window(_utc(2026, 1, 2), _utc(2026, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "days", "calendar"),
    [
        (_utc(2026, 1, 1, 16), _utc(2026, 1, 2, 16), (date(2026, 1, 2), date(2026, 1, 2)), True),
        (_utc(2026, 1, 1), _utc(2026, 1, 2), (date(2026, 1, 1), date(2026, 1, 2)), False),
        (_utc(2026, 1, 1, 16), _utc(2026, 1, 2), (date(2026, 1, 2), date(2026, 1, 2)), False),
        (_utc(2026, 1, 1), _utc(2026, 1, 1), (date(2026, 1, 1), date(2026, 1, 1)), False),
    ],
)
def test_days_touched_and_whether_day_counts_cover_them(
    start: datetime, end: datetime, days: tuple[date, date], calendar: bool
) -> None:
    window = Window(start, end)
    assert window.days(HONG_KONG) == days
    assert window.is_calendar(HONG_KONG) is calendar


def test_the_last_instant_of_a_day_and_of_a_timestamp() -> None:
    end = datetime(2026, 3, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    assert last_instant("2026-03-31", HONG_KONG) == end
    noon = datetime(2026, 3, 31, 4, tzinfo=UTC)
    assert last_instant("2026-03-31T12:00", HONG_KONG) == noon
    assert last_instant("2026-03-31T04:00:00+00:00", HONG_KONG) == noon
    with pytest.raises(InvalidInput, match="neither a date nor a timestamp"):
        last_instant("noon", HONG_KONG)
