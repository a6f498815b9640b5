"""The place of an instant among chunks, against a plain search."""

from datetime import UTC, datetime, timedelta

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from core.domain.windows import Chunk
from core.lake.local_days import from_microseconds, to_microseconds
from core.lake.period_sql import period_sql

START = datetime(2025, 1, 1, tzinfo=UTC)


def places(chunks: list[Chunk], instants: list[datetime]) -> list[int]:
    values = [to_microseconds(each) for each in instants]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return [
            row[0]
            for row in connection.execute(
                f"SELECT {period_sql(chunks)} FROM (SELECT unnest(list_transform("
                "$values::BIGINT[], lambda v: make_timestamptz(v))) AS time) AS r",
                {"values": values},
            ).fetchall()
        ]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=40),
    st.lists(st.integers(-1, 300), min_size=1, max_size=20),
)
def test_every_instant_is_put_where_a_search_finds_it(
    spans: list[tuple[int, int]], hours: list[int]
) -> None:
    chunks, at = [], START
    for index, (gap, length) in enumerate(spans):
        start = at + timedelta(hours=gap)
        at = start + timedelta(hours=length)
        chunks.append(Chunk(index, str(index), start, at))
    instants = [START + timedelta(hours=hour) for hour in hours]
    wanted = [
        next((i for i, c in enumerate(chunks) if c.start <= instant < c.end), -1)
        for instant in instants
    ]
    assert places(chunks, instants) == wanted
    assert from_microseconds(to_microseconds(START)) == START


def test_without_chunks_every_instant_lies_outside() -> None:
    assert places([], [START]) == [-1]
