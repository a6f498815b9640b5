"""A row that says when a decision took effect is no decision, whoever reads the stream."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.lake.kpis.streams import DECISION_COLUMNS, decided_sql
from core.lake.sample_rows import LoggedDecision, decisions_of

START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = START + timedelta(days=9)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    yield made
    made.close()


def stream(path: Path, *entries: tuple[int, str, str]) -> str:
    """Write one prediction's entries: hours after the start, kind and decision."""
    rows: list[dict[str, Any]] = [
        {
            "prediction_id": "P1",
            "time": START + timedelta(hours=hours),
            "kind": kind,
            "decision": decision,
            "policy_version": "p1",
            "reason": None,
            "_batch": "b",
            "_row": place,
        }
        for place, (hours, kind, decision) in enumerate(entries)
    ]
    schema = pa.Table.from_pylist(rows).schema
    at = schema.get_field_index("reason")
    schema = schema.set(at, pa.field("reason", pa.string()))
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return str(path)


def test_the_last_decision_and_who_took_it_stay(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    decided = [(1, "model", "decline"), (2, "human", "approve")]
    without = stream(tmp_path / "a.parquet", *decided)
    with_it = stream(tmp_path / "b.parquet", *decided, (3, "released", "approve"))
    wanted = sorted(DECISION_COLUMNS)
    found = [
        connection.sql(decided_sql([path], AS_OF, wanted)).to_arrow_table().to_pylist()
        for path in (without, with_it)
    ]
    assert found[0] == found[1]
    assert (found[1][0]["kind"], found[1][0]["automated"]) == ("human", "decline")
    listed = decisions_of(connection, [with_it], ["P1"], until=AS_OF)
    assert listed == {
        "P1": (LoggedDecision("model", "decline"), LoggedDecision("human", "approve"))
    }


def test_alone_it_leaves_the_prediction_undecided(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = stream(tmp_path / "c.parquet", (1, "released", "approve"))
    assert connection.sql(decided_sql([path], AS_OF, ["decision"])).to_arrow_table().num_rows == 0
    assert decisions_of(connection, [path], ["P1"], until=AS_OF) == {}
