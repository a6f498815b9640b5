"""Money converted row by row is money converted day by day, in every time zone."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.money import Rate, RateTable
from core.domain.windows import local_day, start_of_day
from core.lake.kpis.rate_sql import local_day_sql, rate_sql
from core.lake.local_days import to_microseconds

FIRST = date(2010, 1, 1)
TABLE = RateTable.of(
    [Rate("USD", FIRST + timedelta(days=step), 7.7 + step / 1000) for step in range(3, 200, 3)]
)
ZONES = ["Asia/Hong_Kong", "America/New_York", "Europe/London", "Pacific/Apia", "Asia/Kolkata"]


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, instants: list[datetime]) -> None:
    """Make the table ``r``: the instants, and amounts from 10 on."""
    connection.execute(
        "CREATE OR REPLACE TABLE r AS SELECT make_timestamptz(us) AS time, 10.0 + place AS amount"
        " FROM (SELECT unnest($us::BIGINT[]) AS us, unnest(range(len($us::BIGINT[]))) AS place)",
        {"us": [to_microseconds(each) for each in instants]},
    )


def test_each_row_takes_the_rate_of_its_local_day(duck: duckdb.DuckDBPyConnection) -> None:
    # A minute before and after midnight in Hong Kong, 16:00 UTC; the first rate is of 4 January.
    at = [
        datetime(2010, 1, 3, 15, 59, tzinfo=UTC),
        datetime(2010, 1, 3, 16, 0, tzinfo=UTC),
        datetime(2010, 1, 6, 15, 59, tzinfo=UTC),
        datetime(2010, 1, 6, 16, 0, tzinfo=UTC),
        datetime(2009, 12, 31, 12, 0, tzinfo=UTC),
        datetime(2010, 1, 9, 16, 0, tzinfo=UTC),
    ]
    rows(duck, at)
    days = TABLE.daily("USD", "HKD", date(2010, 1, 2), date(2010, 1, 9))
    sql = rate_sql(days, "r.time", "Asia/Hong_Kong")
    found = [row[0] for row in duck.execute(f"SELECT {sql} FROM r ORDER BY rowid").fetchall()]
    # No rate yet, the first, still the first, the second; then both outside the days asked for.
    assert found == [None, 7.703, 7.703, 7.706, None, None]


_SHARED = duckdb.connect()
_INSTANTS = st.lists(
    st.datetimes(datetime(2010, 1, 1), datetime(2010, 12, 31)).map(
        lambda at: at.replace(tzinfo=UTC)
    ),
    max_size=40,
)


@settings(max_examples=40)
@given(instants=_INSTANTS, zone=st.sampled_from(ZONES))
def test_rows_converted_sum_to_days_converted(instants: list[datetime], zone: str) -> None:
    with _SHARED.cursor() as connection:
        rows(connection, instants)
        days = TABLE.daily("USD", "HKD", date(2009, 12, 30), date(2011, 1, 2))
        sql = rate_sql(days, "r.time", zone)
        total, known = connection.execute(
            f"SELECT sum(r.amount * {sql}), count({sql}) FROM r"
        ).fetchall()[0]
    by_day: dict[date, float] = defaultdict(float)
    for place, instant in enumerate(instants):
        by_day[local_day(instant, zone)] += 10.0 + place
    converted = [TABLE.convert(each, "USD", "HKD", day) for day, each in by_day.items()]
    assert known == sum(local_day(each, zone) >= date(2010, 1, 4) for each in instants)
    expected = math.fsum(each for each in converted if not math.isnan(each))
    assert (total or 0.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("zone", [*ZONES, "America/St_Johns", "Africa/Casablanca"])
def test_local_days_are_those_of_the_calendar_when_clocks_change(
    zone: str, duck: duckdb.DuckDBPyConnection
) -> None:
    first, last = date(2010, 1, 1), date(2012, 1, 5)
    edges = [start_of_day(first + timedelta(days=step), zone) for step in range(735)]
    instants = [
        edge + shift for edge in edges for shift in (-timedelta(microseconds=1), timedelta())
    ]
    rows(duck, instants[1:])
    sql = local_day_sql("r.time", zone, first, last)
    found = duck.execute(f"SELECT {sql} FROM r ORDER BY rowid").fetchall()
    epoch = date(1970, 1, 1)
    assert [row[0] for row in found] == [
        (local_day(each, zone) - epoch).days for each in instants[1:]
    ]
