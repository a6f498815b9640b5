"""Which old decisions about releases may go: of no prediction in the log, and of nobody held."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lake.upkeep.dispose import hold_predictions, neither_logged_nor_held

IDS = st.sets(st.sampled_from("abcdefgh"))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@given(asked=IDS, logged=IDS, held=IDS)
def test_what_is_neither_logged_nor_held_is_told_in_order(
    connection: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    asked: set[str],
    logged: set[str],
    held: set[str],
) -> None:
    paths = [_log(connection, tmp_path_factory.getbasetemp() / "log.parquet", logged)]
    hold_predictions(connection, held)
    found = neither_logged_nor_held(connection, paths, asked)
    assert found == tuple(sorted(asked - logged - held))


def test_of_an_empty_log_all_that_is_not_held_may_go(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    hold_predictions(connection, ["b"])
    assert neither_logged_nor_held(connection, [], ["b", "a"]) == ("a",)
    assert neither_logged_nor_held(connection, [], []) == ()


def _log(connection: duckdb.DuckDBPyConnection, path: Path, ids: set[str]) -> str:
    connection.execute("CREATE OR REPLACE TABLE log (prediction_id VARCHAR)")
    connection.execute("INSERT INTO log SELECT unnest(?::VARCHAR[])", [sorted(ids)])
    connection.execute(f"COPY log TO '{path}' (FORMAT parquet)")
    return str(path)
