"""What took effect without review, against a plain loop over the same facts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.lake.released_rows import ReleaseFiles, Releases, ReviewTimes, releases
from core.lake.row_filter import RowFilter

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 8
LEVELS = {"1": "in_the_loop", "2": "in_command", "3": "out_of_the_loop"}
Hours = st.integers(0, 6)


def at(hours: int) -> int:
    return int((START + timedelta(hours=hours)).timestamp() * 1_000_000)


def version(number: int) -> str:
    return str(1 + number % 3)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    yield made
    made.close()


def judged(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    logged: dict[int, int],
    later: dict[int, int],
    times: ReviewTimes,
    since: int | None = None,
) -> Releases:
    stamp = pa.timestamp("us", tz="UTC")
    predictions = pa.table(
        {
            "prediction_id": [f"P{number}" for number in range(ROWS)],
            "time": pa.array([START] * ROWS, stamp),
            "version": [version(number) for number in range(ROWS)],
            "released_at": pa.array(
                [
                    START + timedelta(hours=logged[number]) if number in logged else None
                    for number in range(ROWS)
                ],
                stamp,
            ),
        }
    )
    decisions = pa.table(
        {
            "prediction_id": [f"P{number}" for number in later] + ["P0", "elsewhere"],
            "time": pa.array(
                [START + timedelta(hours=hours) for hours in later.values()] + [START, START],
                stamp,
            ),
            "kind": ["released"] * len(later) + ["human", "released"],
        }
    )
    pq.write_table(predictions, folder / "p.parquet")
    pq.write_table(decisions, folder / "d.parquet")
    files = ReleaseFiles(
        (str(folder / "p.parquet"),),
        (str(folder / "d.parquet"),),
        ("1",),
        ("2",),
        None if since is None else START + timedelta(hours=since),
    )
    return releases(connection, files, times, limit=100)


@given(
    st.dictionaries(st.integers(0, ROWS - 1), Hours),
    st.dictionaries(st.integers(0, ROWS - 1), Hours),
    st.dictionaries(st.integers(0, ROWS - 1), Hours),
    st.lists(st.tuples(st.integers(0, ROWS - 1), Hours, st.none() | Hours), max_size=8),
    st.dictionaries(st.integers(0, ROWS - 1), Hours),
    st.none() | Hours,
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_what_a_loop_over_the_facts_says(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    logged: dict[int, int],
    later: dict[int, int],
    verdicts: dict[int, int],
    waits: list[tuple[int, int, int | None]],
    allowed: dict[int, int],
    since: int | None,
) -> None:
    times = ReviewTimes(
        tuple((f"P{number}", at(hours)) for number, hours in verdicts.items()),
        tuple((f"P{n}", at(a), None if b is None else at(b)) for n, a, b in waits),
        tuple((f"P{number}", at(hours)) for number, hours in allowed.items()),
    )
    released: dict[str, int] = {}
    wrong: dict[tuple[str, str], int] = {}
    for number in range(ROWS):
        hours = [each[number] for each in (logged, later) if number in each]
        if not hours or (since is not None and min(hours) < since):
            continue
        took, name = min(hours), version(number)
        released[name] = released.get(name, 0) + 1
        decided = number in verdicts and verdicts[number] <= took
        waited = any(n == number and a <= took and (b is None or b > took) for n, a, b in waits)
        by_hand = number in allowed and allowed[number] <= took
        kind = ""
        if LEVELS[name] == "in_the_loop" and not decided:
            kind = "without_verdict"
        if LEVELS[name] == "in_command" and not decided and waited and not by_hand:
            kind = "while_waiting"
        if kind:
            wrong[name, kind] = wrong.get((name, kind), 0) + 1
    found = judged(connection, tmp_path, logged, later, times, since)
    assert found.released == released
    assert found.breaches == wrong
    assert len(found.newest) == sum(wrong.values())
    assert [each.released_at for each in found.newest] == sorted(
        (each.released_at for each in found.newest), reverse=True
    )


def test_without_a_log_nothing_took_effect(connection: duckdb.DuckDBPyConnection) -> None:
    none = ReleaseFiles((), (), ("1",), ())
    assert releases(connection, none, ReviewTimes(), limit=5) == Releases({}, {})


def test_rows_outside_the_filter_are_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judged(connection, tmp_path, {0: 1, 1: 1}, {}, ReviewTimes())
    paths = (str(tmp_path / "p.parquet"),)
    files = ReleaseFiles(paths, (), ("1",), ("2",), None, RowFilter(versions=("2",)))
    found = releases(connection, files, ReviewTimes(), limit=5)
    assert (found.released, found.breaches) == ({"2": 1}, {})
    assert found.first == found.last == START + timedelta(hours=1)
