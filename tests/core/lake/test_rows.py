"""Raw rows: stable order, only the columns asked for, every condition."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from core.errors import StaleGeneration
from core.lake.duck import open_duck
from core.lake.profiles.segments import MISSING, REST, SliceValues
from core.lake.row_filter import RowFilter
from core.lake.rows import newest_time, read_rows
from tests.support.lake_builders import FolderSettings, a_nasty_log, a_sliced_contract, write_lake

CONTRACT = a_sliced_contract()
ROWS = a_nasty_log(300)
INDUSTRY = SliceValues("industry", "c_industry", ("food", "O'Brien"))
TERM = SliceValues("term", "c_term", ("12",))


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    # Two files, the later rows first, and each file back to front.
    return [
        str(write_lake(tmp_path / "b.parquet", CONTRACT, ROWS[:149:-1])),
        str(write_lake(tmp_path / "it's a.parquet", CONTRACT, ROWS[149::-1])),
    ]


def test_rows_come_by_time_with_the_columns_asked_for(
    duck: duckdb.DuckDBPyConnection, paths: list[str]
) -> None:
    found = read_rows(duck, paths, CONTRACT, ["prediction_id", "c_industry"])
    assert found.column_names == ["prediction_id", "c_industry"]
    assert found.column("prediction_id").to_pylist() == [row["prediction_id"] for row in ROWS]
    few = read_rows(duck, paths, CONTRACT, ["prediction_id"], limit=3)
    assert few.column("prediction_id").to_pylist() == ["p0", "p1", "p2"]


def test_rows_of_one_instant_keep_their_place(
    duck: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        {"time": ROWS[0]["time"], "_batch": batch, "_row": row, "prediction_id": f"{batch}{row}"}
        for batch, row in (("b", 1), ("a", 2), ("b", 0), ("a", 10))
    ]
    path = str(write_lake(tmp_path / "x.parquet", CONTRACT, rows))
    found = read_rows(duck, [path], CONTRACT, ["prediction_id"])
    assert found.column("prediction_id").to_pylist() == ["a2", "a10", "b0", "b1"]


@pytest.mark.parametrize(
    ("row_filter", "keep"),
    [
        (RowFilter(versions=("2",)), lambda row: row["version"] == "2"),
        (RowFilter(jurisdictions=("HK", "")), lambda row: row["jurisdiction"] != "CN"),
        (RowFilter(jurisdictions=()), lambda _: False),
        (RowFilter(slice=(INDUSTRY, "food")), lambda row: row["c_industry"] == "food"),
        (RowFilter(slice=(INDUSTRY, "O'Brien")), lambda row: row["c_industry"] == "O'Brien"),
        (RowFilter(slice=(INDUSTRY, MISSING)), lambda row: row["c_industry"] is None),
        (
            RowFilter(slice=(INDUSTRY, REST)),
            lambda row: row["c_industry"] not in {None, "food", "O'Brien"},
        ),
        (RowFilter(slice=(TERM, "12")), lambda row: row["c_term"] == 12),
        (RowFilter(slice=(TERM, REST)), lambda row: row["c_term"] != 12),
        (RowFilter(until=ROWS[40]["time"]), lambda row: row["time"] <= ROWS[40]["time"]),
    ],
)
def test_conditions(
    duck: duckdb.DuckDBPyConnection, paths: list[str], row_filter: RowFilter, keep: object
) -> None:
    assert callable(keep)
    found = read_rows(duck, paths, CONTRACT, ["prediction_id"], row_filter=row_filter)
    expected = [row["prediction_id"] for row in ROWS if keep(row)]
    assert found.column("prediction_id").to_pylist() == expected


def test_a_window_has_its_start_and_not_its_end(
    duck: duckdb.DuckDBPyConnection, paths: list[str]
) -> None:
    window = ROWS[10]["time"], ROWS[20]["time"]
    found = read_rows(duck, paths, CONTRACT, ["time"], window=window)
    assert found.column("time").to_pylist() == [row["time"] for row in ROWS[10:20]]


def test_columns_younger_than_the_files_read_as_null(
    duck: duckdb.DuckDBPyConnection, paths: list[str]
) -> None:
    newer = a_sliced_contract(
        columns=[{"name": "added", "type": "integer"}, {"name": "term", "type": "integer"}]
    )
    found = read_rows(duck, paths, newer, ["c_added"], limit=2)
    assert found.column("c_added").to_pylist() == [None, None]
    with pytest.raises(KeyError):
        read_rows(duck, paths, CONTRACT, ["c_added"])


def test_no_files_and_lost_files(duck: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert read_rows(duck, [], CONTRACT, ["time"]).num_rows == 0
    with pytest.raises(StaleGeneration):
        read_rows(duck, [str(tmp_path / "gone.parquet")], CONTRACT, ["time"])


def test_other_faults_of_a_file_are_not_hidden(
    duck: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 this is not a Parquet file PAR1")
    with pytest.raises(duckdb.Error):
        read_rows(duck, [str(tmp_path / "broken.parquet")], CONTRACT, ["time"])


def test_the_order_of_outcomes(duck: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    later = ROWS[0]["time"] + timedelta(days=1)
    duck.execute(
        f"COPY (SELECT * FROM (VALUES ('b', TIMESTAMPTZ '{later}', 'x', 0), "
        f"('a', TIMESTAMPTZ '{ROWS[0]['time']}', 'x', 1)) "
        f"t(prediction_id, observed_at, _batch, _row)) TO '{tmp_path / 'o.parquet'}'"
    )
    found = read_rows(
        duck, [str(tmp_path / "o.parquet")], CONTRACT, ["prediction_id"], stream="outcomes"
    )
    assert found.column("prediction_id").to_pylist() == ["a", "b"]


def test_the_newest_time_up_to_an_instant(
    duck: duckdb.DuckDBPyConnection, paths: list[str], tmp_path: Path
) -> None:
    times = sorted(row["time"] for row in ROWS)
    assert newest_time(duck, paths, times[40]) == times[40]
    between = times[40] + timedelta(microseconds=1)
    assert newest_time(duck, paths, between) == max(each for each in times if each <= between)
    assert newest_time(duck, paths, times[0] - timedelta(microseconds=1)) is None
    assert newest_time(duck, [], times[40]) is None
    with pytest.raises(StaleGeneration):
        newest_time(duck, [str(tmp_path / "gone.parquet")], times[40])
