"""What stays held for good: routed, in the loop, no case and no release, against a plain loop."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.lake.releases.held import HeldFiles, held_without_case
from core.lake.row_filter import RowFilter

START = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = pa.timestamp("us", tz="UTC")
ROWS = 12
Some = st.frozensets(st.integers(0, ROWS - 1))
"""Row n is of version n mod 3, batch n mod 2, jurisdiction HK or CN, and made at hour n."""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    yield made
    made.close()


def place(number: int) -> str:
    return "HK" if number % 4 else "CN"


def files_of(folder: Path, logged: frozenset[int], later: frozenset[int]) -> tuple[str, str]:
    hours = [START + timedelta(hours=number) for number in range(ROWS)]
    predictions = pa.table(
        {
            "prediction_id": [f"P{number}" for number in range(ROWS)],
            "time": pa.array(hours, STAMP),
            "version": [str(number % 3) for number in range(ROWS)],
            "jurisdiction": [place(number) for number in range(ROWS)],
            "released_at": pa.array([at if n in logged else None for n, at in enumerate(hours)]),
            "_batch": [f"b{number % 2}" for number in range(ROWS)],
        }
    )
    rows = [(f"P{number}", "released") for number in sorted(later)] + [("P0", "human")]
    decisions = pa.table(
        {"prediction_id": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    )
    pq.write_table(predictions, folder / "p.parquet")
    pq.write_table(decisions, folder / "d.parquet")
    return str(folder / "p.parquet"), str(folder / "d.parquet")


@given(
    Some,
    Some,
    Some,
    st.frozensets(st.sampled_from(["0", "1", "2"]), min_size=1),
    st.frozensets(st.sampled_from(["b0", "b1", "b2"])),
    st.none() | st.integers(0, ROWS),
    st.sampled_from([None, ("HK",), ("CN", "HK"), ()]),
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_what_a_loop_counts(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    logged: frozenset[int],
    later: frozenset[int],
    settled: frozenset[int],
    versions: frozenset[str],
    batches: frozenset[str],
    start: int | None,
    jurisdictions: tuple[str, ...] | None,
) -> None:
    predictions, decisions = files_of(tmp_path, logged, later)
    rows = RowFilter(versions=tuple(sorted(versions)), jurisdictions=jurisdictions)
    first = None if start is None else START + timedelta(hours=start)
    files = HeldFiles((predictions,), (decisions,), rows, first)
    expected: dict[str, int] = {}
    for number in set(range(ROWS)) - logged - later - settled:
        name = str(number % 3)
        seen = jurisdictions is None or place(number) in jurisdictions
        young = start is None or number >= start
        if name in versions and f"b{number % 2}" in batches and seen and young:
            expected[name] = expected.get(name, 0) + 1
    found = held_without_case(
        connection, files, batches=batches, settled={f"P{number}" for number in settled}
    )
    assert found == expected


def test_without_a_log_or_a_routed_batch_nothing_is_held(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    predictions, decisions = files_of(tmp_path, frozenset(), frozenset())
    none = HeldFiles((), (decisions,), RowFilter())
    assert held_without_case(connection, none, batches={"b0"}, settled=()) == {}
    some = HeldFiles((predictions,), (), RowFilter(versions=("0",)))
    assert held_without_case(connection, some, batches=(), settled=()) == {}
    assert held_without_case(connection, some, batches={"b0"}, settled=("P6",)) == {"0": 1}
