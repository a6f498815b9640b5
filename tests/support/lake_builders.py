"""Rows, tables and files of a lake, for tests of what reads it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.config import Settings
from core.contract import ModelContract
from core.lake.streams import INSTANT, stream_columns
from core.metrics.binning import BinnedCounts, BinSet, count_rows
from tests.support.builders import a_contract

SEGMENTS = ["industry", {"name": "size", "from": "loan amount", "edges": [50, 150]}, "term"]
SINCE = datetime(2025, 1, 30, 12, tzinfo=UTC)

_ARROW = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    INSTANT: pa.timestamp("us", tz="UTC"),
}


class FolderSettings(Settings):
    """Settings of a test whose lake is the folder itself: DuckDB reaches no other."""

    @property
    def lake_dir(self) -> Path:
        return self.home


def a_sliced_contract(**changes: Any) -> ModelContract:
    """Return the loans contract with three segments and a jurisdiction."""
    log = {**a_contract().log.model_dump(exclude_none=True, exclude={"scores"})}
    log["jurisdiction"] = "region"
    return a_contract(**{"segments": SEGMENTS, "log": log, **changes})


def a_nasty_log(
    count: int, *, seed: int = 7, every: timedelta = timedelta(hours=1)
) -> list[dict[str, Any]]:
    """Return lake rows with NULL, NaN, zeros of both signs, atoms, odd texts and two months."""
    draw = np.random.default_rng(seed)
    amounts = [0.0, -0.0, 100.0, 100.0, 50.0, 150.0, math.nan, None, 1e300, 5e-324]
    texts = ["retail", "food", "", "零售", "O'Brien", None, "𝔘nicode", "rare"]
    rows = []
    for number in range(count):
        odd = draw.random() < 0.5
        rows.append(
            {
                "prediction_id": f"p{number}",
                "time": SINCE + every * number + timedelta(microseconds=int(draw.integers(1000))),
                "version": str(1 + int(draw.random() < 0.3)),
                "jurisdiction": ("HK", "CN", "")[int(draw.integers(3))],
                "score": float(draw.random()),
                "decision": ("approve", "decline")[int(draw.integers(2))],
                "latency_ms": float(draw.lognormal(3)),
                "status": ("ok", "200", "timeout", None)[int(draw.integers(4))],
                "c_loan_amount": (
                    amounts[int(draw.integers(len(amounts)))] if odd else float(draw.lognormal(4))
                ),
                "c_industry": texts[int(draw.integers(len(texts)))],
                "c_term": int(12 * draw.integers(1, 4)),
                "_batch": "b1",
                "_row": number,
            }
        )
    return rows


def lake_table(contract: ModelContract, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table of the predictions stream; what a row lacks is NULL."""
    columns = stream_columns(contract, "predictions")
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], _ARROW[kind])
            for name, kind in columns.items()
        }
    )


def write_lake(path: Path, contract: ModelContract, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as one data file of the predictions stream."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(lake_table(contract, rows), path)
    return path


def register(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    rows: Sequence[Mapping[str, Any]],
    name: str = "log",
) -> str:
    """Make the rows a table that the connection and its cursors know, and return its name."""
    connection.register(f"{name}_rows", lake_table(contract, rows))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM {name}_rows")
    return name


def counted(
    bins: BinSet, feature: str, column: str, rows: Sequence[Mapping[str, Any]]
) -> BinnedCounts:
    """Count rows by the reference implementation in core.metrics.binning."""
    values = [row.get(column) for row in rows]
    null = [value is None for value in values]
    if isinstance(next((value for value in values if value is not None), ""), str):
        return count_rows(bins.features[feature], np.asarray(values, dtype=object), null=null)
    numbers = [0.0 if value is None else float(value) for value in values]
    return count_rows(bins.features[feature], np.asarray(numbers), null=null)


def assert_same(found: BinnedCounts, expected: BinnedCounts, *, extremes: bool = True) -> None:
    """Compare counts exactly and sums to rounding; low and high exactly unless left out."""
    np.testing.assert_array_equal(found.n, expected.n)
    if expected.total is not None:
        assert found.total is not None
        np.testing.assert_allclose(found.total, expected.total, rtol=1e-12)
    if extremes:
        for left, right in ((found.low, expected.low), (found.high, expected.high)):
            if right is not None:
                assert left is not None
                np.testing.assert_array_equal(left, right)


@dataclass(frozen=True)
class AFile:
    """A file as the manifest describes it."""

    kind: str
    path: str
    stream: str | None = None
    profile_kind: str | None = None
    bins_id: str | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
