from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from bench.dataset import (
    DAYS,
    REFERENCE_DAYS,
    SEGMENT_COLUMNS,
    Dataset,
    read_dataset,
    reference_until,
    write_dataset,
)
from bench.plain import plain_sql
from tests.bench.conftest import ROWS


@pytest.fixture(scope="module")
def frame(dataset: Dataset) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in dataset.files], ignore_index=True)


def test_it_has_the_promised_columns(dataset: Dataset, frame: pd.DataFrame) -> None:
    assert (dataset.rows, len(frame)) == (ROWS, ROWS)
    assert (len(dataset.numeric), len(dataset.categorical)) == (18, 4)
    assert set(dataset.columns) < set(frame.columns)
    assert set(frame["model_version"]) == {"1", "2"}
    assert frame["prediction_id"].is_unique


def test_it_covers_each_day_of_a_year_in_order(frame: pd.DataFrame) -> None:
    local = frame["made_at"].dt.tz_convert("Asia/Hong_Kong")
    assert local.dt.date.nunique() == DAYS
    assert local.is_monotonic_increasing
    assert local[frame["made_at"] < reference_until()].dt.date.nunique() == REFERENCE_DAYS


def test_it_holds_the_shapes_that_are_hard_for_drift(frame: pd.DataFrame) -> None:
    assert (frame["half_points"] * 2 % 1 == 0).all()
    assert (frame["requested"] == 50_000).mean() > 0.04
    assert (frame["requested"].tail(ROWS // 5) == 50_100).mean() > 0.06
    assert (frame["arrears"] == 0).mean() == pytest.approx(0.6, abs=0.02)
    amounts = frame["loan_amount"].to_numpy()
    assert np.mean(amounts) > 1.5 * np.median(amounts)
    late = frame["weight"].tail(ROWS // 10)
    assert (late > 1000).mean() == pytest.approx(0.05, abs=0.01)
    for name in SEGMENT_COLUMNS:
        assert frame[name].nunique() == 50
    assert set(frame["product"].tail(ROWS // 5)) > set(frame["product"].head(ROWS // 2))


def test_nan_and_null_are_two_things(dataset: Dataset) -> None:
    table = pq.read_table(dataset.files[0])
    nulls = {name: table[name].null_count / ROWS for name in ("bureau_score", "tenure", "channel")}
    assert nulls == pytest.approx({"bureau_score": 0.0, "tenure": 0.03, "channel": 0.04}, abs=0.005)
    nans = [np.isnan(table[name].drop_null()).sum() / ROWS for name in ("bureau_score", "tenure")]
    assert nans == pytest.approx([0.05, 0.02], abs=0.005)


def test_the_same_seed_makes_the_same_rows(frame: pd.DataFrame, tmp_path: Path) -> None:
    for name, seed in (("same", 7), ("other", 8)):
        write_dataset(ROWS, seed, tmp_path / name)
    same = pd.read_parquet(tmp_path / "same" / "log-000.parquet")
    other = pd.read_parquet(tmp_path / "other" / "log-000.parquet")
    pd.testing.assert_frame_equal(same, frame)
    assert not other["loan_amount"].equals(frame["loan_amount"])


def test_a_log_that_was_not_finished_does_not_count(tmp_path: Path) -> None:
    assert read_dataset(tmp_path) is None


def test_the_plain_aggregate_counts_what_pandas_counts(
    dataset: Dataset, frame: pd.DataFrame
) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(plain_sql(dataset)).fetchall()
    day = frame["made_at"].dt.tz_convert("Asia/Hong_Kong").dt.date
    expected = frame.groupby([day, "model_version"])["loan_amount"].agg(["size", "mean"])
    assert len(rows) == len(expected)
    assert sorted(row[2] for row in rows) == sorted(expected["size"])
    assert sorted(row[4] for row in rows) == pytest.approx(sorted(expected["mean"]))
