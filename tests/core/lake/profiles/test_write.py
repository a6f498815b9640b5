"""The profile pass against counting by hand, and its parts against the whole."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.windows import local_day
from core.errors import StorageError
from core.lake.duck import open_duck
from core.lake.profiles.bins import build_bins
from core.lake.profiles.cells import Cells, count_cells, merge_cells
from core.lake.profiles.columns import feature_sources, operation_bins
from core.lake.profiles.segments import ALL_ROWS, MISSING, REST
from core.lake.profiles.write import PROFILE_SCHEMA, write_profile
from core.metrics.binning import CODE_OFFSET, BinSet
from tests.support.lake_builders import (
    FolderSettings,
    a_nasty_log,
    a_sliced_contract,
    counted,
    register,
)

ZONE = "Asia/Hong_Kong"
CONTRACT = a_sliced_contract()
ROWS = a_nasty_log(2_000)


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


@pytest.fixture
def bins(duck: duckdb.DuckDBPyConnection) -> BinSet:
    return build_bins(duck, register(duck, CONTRACT, ROWS[:700], "reference"), CONTRACT)


def _profile(
    duck: duckdb.DuckDBPyConnection,
    bins: BinSet | None,
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    kind: Any = "features",
) -> pd.DataFrame:
    written = write_profile(duck, register(duck, CONTRACT, rows), CONTRACT, bins, kind, path)
    table = pq.read_table(path)
    assert len(table) == written
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _day(row: Mapping[str, Any]) -> object:
    return local_day(row["time"], ZONE)


def test_every_cell_of_all_rows_is_what_counting_gives(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    rows = ROWS[:400]
    profile = _profile(duck, bins, rows, tmp_path / "p.parquet")
    profile = profile[profile.slice == ALL_ROWS].set_index(
        ["feature", "version", "jurisdiction", "day"]
    )
    groups: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["version"], row["jurisdiction"], _day(row)), []).append(row)
    sources = feature_sources(CONTRACT)
    assert set(sources) == {"loan amount", "industry", "@score", "@decision"}
    for feature, (column, _) in sources.items():
        for key, members in groups.items():
            expected = counted(bins, feature, column, members)
            cells = profile.loc[[(feature, *key)]]
            found = np.zeros_like(expected.n)
            found[cells.bin.to_numpy() + CODE_OFFSET] = cells.n
            np.testing.assert_array_equal(found, expected.n)
            if expected.low is not None:
                _check_numbers(cells, expected)
            else:
                assert cells.total.isna().all()


def _check_numbers(cells: pd.DataFrame, expected: Any) -> None:
    place = cells.bin.to_numpy() + CODE_OFFSET
    total = np.where(place < CODE_OFFSET, np.nan, expected.total[place])
    np.testing.assert_allclose(cells.total.to_numpy(), total, rtol=1e-12)
    np.testing.assert_array_equal(cells.low.to_numpy(), expected.low[place])
    np.testing.assert_array_equal(cells.high.to_numpy(), expected.high[place])


def _slice_value(name: str, row: Mapping[str, Any], known: set[str]) -> str:
    if name == "size":
        amount = row["c_loan_amount"]
        if amount is None or amount != amount:
            return MISSING
        return "<50" if amount < 50 else "50–150" if amount < 150 else "≥150"
    value = row[{"industry": "c_industry", "term": "c_term"}[name]]
    if value is None:
        return MISSING
    return str(value) if str(value) in known else REST


@pytest.mark.parametrize("name", ["industry", "size", "term"])
def test_slices_are_counted_by_month_with_the_rest_pooled(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path, name: str
) -> None:
    # Rows of industries that the reference does not have are the pooled rest.
    rows = [
        {**row, "c_industry": "new" if at % 9 == 0 else row["c_industry"]}
        for at, row in enumerate(ROWS)
    ]
    profile = _profile(duck, bins, rows, tmp_path / "p.parquet")
    profile = profile[(profile.slice == name) & (profile.feature == "loan amount")]
    known = {"", "food", "retail", "零售", "O'Brien", "𝔘nicode", "rare", "12", "24", "36"}
    expected: dict[Any, int] = {}
    for row in rows:
        month = local_day(row["time"], ZONE).replace(day=1)
        key = (row["version"], row["jurisdiction"], month, _slice_value(name, row, known))
        expected[key] = expected.get(key, 0) + 1
    keys = ["version", "jurisdiction", "day", "slice_value"]
    found = profile.groupby(keys, observed=True)["n"].sum()
    assert found.to_dict() == expected
    if name == "industry":
        assert {REST, MISSING} <= set(profile.slice_value)
    assert profile.low.isna().all()
    assert profile.total.notna().any()


def test_numbers_and_texts_have_their_own_codes_for_missing(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    profile = _profile(duck, bins, ROWS, tmp_path / "p.parquet")
    totals = (
        profile[profile.slice == ALL_ROWS].groupby(["feature", "bin"], observed=True)["n"].sum()
    )
    assert totals["loan amount", -1] == sum(row["c_loan_amount"] is None for row in ROWS)
    nan = sum(
        row["c_loan_amount"] is not None and row["c_loan_amount"] != row["c_loan_amount"]
        for row in ROWS
    )
    assert totals["loan amount", -2] == nan > 0
    assert totals["industry", -1] == sum(row["c_industry"] is None for row in ROWS)
    empty = list(bins.features["industry"].values).index("")  # type: ignore[union-attr]
    assert totals["industry", empty] == sum(row["c_industry"] == "" for row in ROWS)


_SUMMED = ["version", "jurisdiction", "day", "slice", "slice_value", "feature", "bin"]


def _sum_of_some(values: Any) -> float:
    return float(values.sum(min_count=1))


def _merged(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(
        [
            part.astype({name: str for name in _SUMMED if name not in {"day", "bin"}})
            for part in parts
        ]
    )
    merged = whole.groupby(_SUMMED).agg(
        {"n": "sum", "total": _sum_of_some, "low": "min", "high": "max"}
    )
    return merged.sort_index()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=240, max_size=240))
def test_profiles_of_any_split_in_any_order_add_up_to_one_scan(
    duck: duckdb.DuckDBPyConnection,
    bins: BinSet,
    tmp_path: Path,
    order: list[int],
    owner: list[int],
) -> None:
    rows = a_nasty_log(240, seed=11, every=timedelta(hours=3))
    whole = _merged([_profile(duck, bins, rows, tmp_path / "whole.parquet")])
    parts = []
    for part in order:
        mine = [row for row, at in zip(rows, owner, strict=True) if at == part]
        parts.append(_profile(duck, bins, mine, tmp_path / "part.parquet"))
    pd.testing.assert_frame_equal(_merged(parts), whole, rtol=1e-12)


def test_the_order_of_rows_does_not_matter(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    shuffled = [ROWS[at] for at in np.random.default_rng(1).permutation(len(ROWS))]
    found = [
        _merged([_profile(duck, bins, rows, tmp_path / "p.parquet")]) for rows in (ROWS, shuffled)
    ]
    pd.testing.assert_frame_equal(found[0], found[1], rtol=1e-12)


def test_operations_need_no_reference(duck: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    profile = _profile(duck, None, ROWS, tmp_path / "o.parquet", "operations")
    totals = profile.groupby(["feature", "bin"], observed=True)["n"].sum()
    status = [row["status"] for row in ROWS]
    assert totals["@rows", 0] == len(ROWS)
    assert totals["@status", -1] == status.count(None)
    assert totals["@status", 0] == status.count("ok") + status.count("200")
    assert totals["@status", 1] == status.count("timeout")
    # Hong Kong is eight hours ahead of UTC all year.
    at_noon = [row for row in ROWS if (row["time"].hour + 8) % 24 == 12]
    failed = sum(row["status"] == "timeout" for row in at_noon)
    assert totals["@hour", 25] == failed
    assert totals["@hour", 24] == len(at_noon) - failed
    edges = operation_bins()["@latency_ms"].edge_array  # type: ignore[union-attr]
    first = np.searchsorted(edges, [row["latency_ms"] for row in ROWS])
    assert totals["@latency_ms", first[0]] == (first == first[0]).sum()
    assert set(profile.slice) == {ALL_ROWS}


def test_an_empty_relation_gives_an_empty_file(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    path = tmp_path / "empty.parquet"
    assert _profile(duck, bins, [], path).empty
    assert pq.read_schema(path).equals(PROFILE_SCHEMA)


def test_columns_that_old_files_lack_are_missing(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    name = register(duck, CONTRACT, ROWS[:100])
    duck.execute(f"ALTER TABLE {name} DROP COLUMN c_industry")
    duck.execute(f"ALTER TABLE {name} DROP COLUMN status")
    path = tmp_path / "p.parquet"
    write_profile(duck, name, CONTRACT, bins, "features", path)
    profile = pq.read_table(path).to_pandas()
    assert set(profile[profile.feature == "industry"].bin) == {-1}
    assert set(profile[profile.slice == "industry"].slice_value) == {MISSING}
    write_profile(duck, name, CONTRACT, None, "operations", path)
    profile = pq.read_table(path).to_pandas()
    assert set(profile[profile.feature == "@status"].bin) == {-1}


def test_a_file_sorted_by_slice_has_row_groups_of_one_slice(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    _profile(duck, bins, ROWS, tmp_path / "p.parquet")
    with pq.ParquetFile(tmp_path / "p.parquet") as file:
        groups = [
            set(file.read_row_group(number, ["slice"]).column("slice").to_pylist())
            for number in range(file.metadata.num_row_groups)
        ]
    assert groups == [{""}, {"industry"}, {"size"}, {"term"}]


def test_bins_are_needed_for_features(duck: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs bins"):
        write_profile(duck, "log", CONTRACT, None, "features", tmp_path / "p.parquet")


def test_what_cannot_be_written_leaves_nothing(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    name = register(duck, CONTRACT, ROWS[:10])
    with pytest.raises(StorageError):
        write_profile(duck, name, CONTRACT, bins, "features", tmp_path / "taken" / "p.parquet")


def test_a_scan_leaves_no_tables_behind(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    _profile(duck, bins, ROWS[:50], tmp_path / "p.parquet")
    names = [
        row[0]
        for row in duck.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
    ]
    assert not [name for name in names if name.startswith("_profile_scan")]


def test_sparse_and_dense_counting_agree() -> None:
    # Few rows over ten million keys are counted by sorting, not in arrays of that size.
    draw = np.random.default_rng(5)
    key, position = draw.integers(0, 40, 3_000), draw.integers(0, 5, 3_000)
    numbers = draw.normal(size=3_000)
    spread = 250_000
    dense = count_cells(key, position, 5, size=40, numbers=numbers, extremes=True)
    sparse = count_cells(
        key * spread, position, 5, size=40 * spread, numbers=numbers, extremes=True
    )
    np.testing.assert_array_equal(sparse[0] // 5 // spread, dense[0] // 5)
    for left, right in zip(sparse[1:], dense[1:], strict=True):
        np.testing.assert_allclose(left, right)


def test_merging_many_keys_sorts_instead_of_spreading() -> None:
    draw = np.random.default_rng(6)
    period = np.sort(draw.integers(0, 2_000_000_000, 4_000))
    n = draw.integers(1, 9, 4_000)
    numbers = n.astype(np.float64)
    part = Cells(period, period % 3, period % 7, n, numbers * 2, -numbers, numbers)
    whole = merge_cells([part, part], 2_000, 3)
    assert whole.n.sum() == 2 * n.sum()
    assert len(whole) == len(np.unique(period))
    np.testing.assert_allclose(whole.total, whole.n * 2.0)


def test_a_profile_keeps_low_and_high_as_arrow_nulls(
    duck: duckdb.DuckDBPyConnection, bins: BinSet, tmp_path: Path
) -> None:
    _profile(duck, bins, ROWS, tmp_path / "p.parquet")
    table = pq.read_table(tmp_path / "p.parquet")
    texts = table.filter(pa.compute.equal(table.column("feature"), "industry"))
    assert texts.column("total").null_count == len(texts)
