from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.domain import Window
from core.lake.window_rows import count_rows, window_relation


def test_a_window_holds_its_start_and_not_its_end(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(hours=hour) for hour in range(-1, 4)]
    path = tmp_path / "it's.parquet"
    pq.write_table(pa.table({"time": pa.array(times, pa.timestamp("us", "UTC"))}), path)
    with duckdb.connect() as duck:
        # Of -1 h, 0 h, 1 h, 2 h and 3 h, the window from 0 h to 2 h holds two.
        relation = window_relation([path], Window(start, start + timedelta(hours=2)))
        assert count_rows(duck, relation) == 2
        first = duck.execute(f"SELECT epoch_us(min(time)) FROM {relation}").fetchall()
        assert first == [(int(start.timestamp()) * 1_000_000,)]
