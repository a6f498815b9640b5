"""A data set counted block by block, against the reference implementation over pandas' columns."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnreadableFile
from core.lake import training
from core.lake.duck import Duck, open_duck
from core.lake.training import TrainingCounts, training_counts
from core.metrics.binning import (
    BinnedCounts,
    BinSet,
    CategoricalBins,
    NumericBins,
    count_rows,
    numeric_bins_from_counts,
)
from tests.support.builders import a_contract
from tests.support.lake_builders import FolderSettings, assert_same

CONTRACT = a_contract()
AMOUNTS = numeric_bins_from_counts(np.arange(1.0, 101.0), np.ones(100, dtype=np.int64))
SECTORS = CategoricalBins(("retail", "food"), ("rare",))
BINS = BinSet({"loan amount": AMOUNTS, "industry": SECTORS})


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duck]:
    # The data sets of a model lie outside the lake, which is all that DuckDB reaches.
    folder = tmp_path_factory.mktemp("lake")
    with open_duck(FolderSettings(folder, "sqlite://", threads=2)) as connection:
        yield connection


def counted(duck: Duck, folder: Path, table: pa.Table) -> dict[str, TrainingCounts]:
    path = folder / "training.parquet"
    pq.write_table(table, path)
    return training_counts(duck, path, CONTRACT, BINS)


@given(
    amounts=st.lists(st.none() | st.floats(-20, 200) | st.just(float("nan")), max_size=40),
    block=st.integers(1, 50),
)
def test_numbers_are_counted_like_those_of_a_log(
    duck: Duck,
    tmp_path_factory: pytest.TempPathFactory,
    amounts: list[float | None],
    block: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_BLOCK_ROWS", block)
        table = pa.table({"loan amount": pa.array(amounts, pa.float64())})
        found = counted(duck, tmp_path_factory.mktemp("set"), table)["loan amount"]
    null = np.array([value is None for value in amounts], dtype=bool)
    values = np.array([0.0 if value is None else value for value in amounts], dtype=np.float64)
    assert_same(found.counts, count_rows(AMOUNTS, values, null=null))
    known = values[~null & np.isfinite(values)]
    if known.size:
        assert found.deviation == pytest.approx(known.std(), rel=1e-9, abs=1e-9)
    else:
        assert np.isnan(found.deviation)


def test_numbers_of_other_types_are_numbers(duck: Duck, tmp_path: Path) -> None:
    for kind in (pa.int16(), pa.float32(), pa.decimal128(12, 2), pa.string()):
        values = pa.array([5, 250, None], pa.int16()).cast(kind)
        found = counted(duck, tmp_path, pa.table({"loan amount": values}))["loan amount"]
        expected = count_rows(AMOUNTS, [5.0, 250.0, 0.0], null=[False, False, True])
        assert_same(found.counts, expected)
    words = pa.table({"loan amount": ["5", "no number"]})
    found = counted(duck, tmp_path, words)["loan amount"]
    np.testing.assert_array_equal(
        found.counts.n, count_rows(AMOUNTS, [5.0, 0.0], null=[False, True]).n
    )


def n_of(values: list[str | None]) -> list[float]:
    return [float(n) for n in count_rows(SECTORS, np.array(values, dtype=object)).n]


def test_texts_are_known_pooled_unseen_or_missing(
    duck: Duck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = ["food", "retail", "food", "rare", "new", "newer", None, "", "retail", "retail"]
    expected = n_of([value or None for value in values])
    assert expected == [0, 2, 3, 2, 1, 2]  # NaN, missing, retail, food, rest, unseen
    monkeypatch.setattr(training, "_BLOCK_ROWS", 3)
    plain = pa.array(values)
    for column in (plain, plain.dictionary_encode(), plain.cast(pa.large_string())):
        found = counted(duck, tmp_path, pa.table({"industry": column}))["industry"]
        assert found.counts.n.tolist() == expected
        assert np.isnan(found.deviation)


def test_numbers_as_categories_are_written_as_an_ingest_writes_them(
    duck: Duck, tmp_path: Path
) -> None:
    bins = BinSet({"industry": CategoricalBins(("3", "2.5", "true"))})
    path = tmp_path / "training.parquet"

    def n(column: pa.Array) -> list[float]:
        pq.write_table(pa.table({"industry": column}), path)
        counts = training_counts(duck, path, CONTRACT, bins)["industry"].counts
        return [float(each) for each in counts.n[1:]]

    assert n(pa.array([3.0, 3.0, 2.5, float("nan"), None])) == [2, 2, 1, 0, 0, 0]
    assert n(pa.array([3, 3, 4])) == [0, 2, 0, 0, 0, 1]
    assert n(pa.array([True, None])) == [1, 0, 0, 1, 0, 0]


def test_what_is_not_there_is_left_out(duck: Duck, tmp_path: Path) -> None:
    table = pa.table({"industry": ["food"], "surname": ["Chan"]})
    assert list(counted(duck, tmp_path, table)) == ["industry"]
    assert counted(duck, tmp_path, pa.table({"surname": ["Chan"]})) == {}
    path = tmp_path / "training.parquet"
    pq.write_table(pa.table({"industry": ["food"], "loan amount": [5]}), path)
    only = BinSet({"loan amount": AMOUNTS})
    assert list(training_counts(duck, path, CONTRACT, only)) == ["loan amount"]


def test_an_empty_set_has_no_rows(duck: Duck, tmp_path: Path) -> None:
    table = pa.table({"loan amount": pa.array([], pa.float64()), "industry": pa.array([], "str")})
    found = counted(duck, tmp_path, table)
    assert [each.counts.row_count.sum() for each in found.values()] == [0, 0]


def test_a_file_that_is_no_table(duck: Duck, tmp_path: Path) -> None:
    path = tmp_path / "training.parquet"
    path.write_bytes(b"PAR1 but not really")
    with pytest.raises(UnreadableFile, match=r"training\.parquet is not a Parquet file"):
        training_counts(duck, path, CONTRACT, BINS)


def test_many_rows_equal_pandas(duck: Duck, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"loan amount": np.random.default_rng(2).lognormal(3, 1, 5000), "industry": "food"}
    )
    path = tmp_path / "training.parquet"
    frame.to_parquet(path)
    found = training_counts(duck, path, CONTRACT, BINS)
    assert isinstance(AMOUNTS, NumericBins)
    expected: BinnedCounts = count_rows(AMOUNTS, frame["loan amount"].to_numpy())
    assert_same(found["loan amount"].counts, expected)
    assert found["loan amount"].deviation == pytest.approx(frame["loan amount"].std(ddof=0))
