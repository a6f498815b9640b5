"""Views of profiles: any chunk, slice and scope gives what counting its rows gives."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from core.contract import ModelContract
from core.domain.windows import Chunk, Grain, Window, calendar_chunks
from core.errors import NotFound, StaleGeneration
from core.lake.duck import open_duck
from core.lake.paths import parquet_relation
from core.lake.profiles.bins import build_bins
from core.lake.profiles.columns import operation_bins
from core.lake.profiles.memory import ProfileStore
from core.lake.profiles.segments import MISSING, REST
from core.lake.profiles.view import ProfileView
from core.lake.profiles.write import write_profile
from core.metrics.binning import CODE_OFFSET, BinSet
from tests.support.lake_builders import (
    AFile,
    FolderSettings,
    a_nasty_log,
    a_sliced_contract,
    assert_same,
    counted,
    write_lake,
)

ROWS = a_nasty_log(1_500)
FEATURES = ("loan amount", "industry", "@score", "@decision")
COLUMNS = dict(zip(FEATURES, ("c_loan_amount", "c_industry", "score", "decision"), strict=True))
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Lake:
    """A lake of some batches, with its profiles under one set of bins."""

    home: Path
    duck: duckdb.DuckDBPyConnection
    contract: ModelContract
    bins: BinSet
    files: list[AFile]

    def publish(self, rows: Rows, name: str) -> None:
        path = write_lake(self.home / f"{name}.parquet", self.contract, rows)
        first, last = rows[0]["time"], rows[-1]["time"]
        times = {"first_time": first, "last_time": last}
        self.files.append(AFile("data", path.name, stream="predictions", **times))
        for kind, bins in (("features", self.bins), ("operations", None)):
            target = self.home / f"{name}-{kind}.parquet"
            relation = parquet_relation([path])
            write_profile(self.duck, relation, self.contract, bins, kind, target)  # type: ignore[arg-type]
            self.files.append(
                AFile(
                    "profile",
                    target.name,
                    profile_kind=kind,
                    bins_id=bins.bins_id if bins else None,
                    **times,
                )
            )


def _lake(home: Path, duck: duckdb.DuckDBPyConnection, contract: ModelContract, rows: Rows) -> Lake:
    reference = write_lake(home / "reference-rows.parquet", contract, rows[:500])
    bins = build_bins(duck, parquet_relation([reference]), contract)
    lake = Lake(home, duck, contract, bins, [])
    for part in range(3):
        lake.publish(rows[part * 500 : (part + 1) * 500], f"b{part}")
    target = home / "reference.parquet"
    write_profile(duck, parquet_relation([reference]), contract, bins, "features", target)
    lake.files.append(AFile("reference", target.name, bins_id=bins.bins_id))
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    home = tmp_path_factory.mktemp("lake")
    with open_duck(FolderSettings(tmp_path_factory.getbasetemp(), "sqlite://", threads=2)) as duck:
        yield _lake(home, duck, a_sliced_contract(), ROWS)


@pytest.fixture(scope="module")
def view(lake: Lake) -> ProfileView:
    return ProfileStore(lake.duck, lake.home).view(lake.contract, 1, lake.files, lake.bins)


def _expect(
    lake: Lake,
    found: Mapping[str, Any],
    chunks: Sequence[Chunk],
    keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    *,
    rows: Rows = ROWS,
    extremes: bool = True,
) -> None:
    assert set(found) == set(FEATURES)
    for index, chunk in enumerate(chunks):
        inside = [row for row in rows if chunk.start <= row["time"] < chunk.end and keep(row)]
        for feature, column in COLUMNS.items():
            counts = found[feature]
            if not inside:
                assert counts.n[index].sum() == 0
                continue
            one = type(counts)(
                *(
                    part[index] if part is not None else None
                    for part in (counts.n, counts.total, counts.low, counts.high)
                )
            )
            assert_same(one, counted(lake.bins, feature, column, inside), extremes=extremes)


def _chunks(
    by: Grain, zone: str = "Asia/Hong_Kong", last: date = date(2025, 4, 5)
) -> tuple[Chunk, ...]:
    return calendar_chunks(Window.of_days(date(2025, 1, 20), last, zone), by, zone)


@pytest.mark.parametrize("by", ["day", "week", "month", "all"])
def test_calendar_chunks(lake: Lake, view: ProfileView, by: Grain) -> None:
    chunks = _chunks(by)
    _expect(lake, view.feature_counts(FEATURES, chunks), chunks)


def test_exact_counts_raw_rows_and_finds_the_same(lake: Lake, view: ProfileView) -> None:
    chunks = _chunks("week")
    _expect(lake, view.feature_counts(FEATURES, chunks, exact=True), chunks)


def test_chunks_that_cut_days(lake: Lake, view: ProfileView) -> None:
    start = datetime(2025, 2, 3, 5, 17, tzinfo=UTC)
    bounds = [start + timedelta(hours=hours) for hours in (0, 7, 8, 60, 61, 300)]
    chunks = [Chunk(at, str(at), *pair) for at, pair in enumerate(pairwise(bounds))]
    _expect(lake, view.feature_counts(FEATURES, chunks), chunks)


def test_rows_after_as_of_are_invisible(lake: Lake, view: ProfileView) -> None:
    until = ROWS[700]["time"]
    chunks = _chunks("month")
    for slice_ in (None, ("industry", "food")):
        found = view.feature_counts(FEATURES, chunks, until=until, slice=slice_)
        _expect(
            lake,
            found,
            chunks,
            lambda row, s=slice_: (
                row["time"] <= until and (s is None or row["c_industry"] == "food")
            ),  # type: ignore[misc]
            extremes=slice_ is None,
        )
        assert found["@score"].n.sum() > 0


def test_versions_and_jurisdictions(lake: Lake, view: ProfileView) -> None:
    chunks = _chunks("month")
    found = view.feature_counts(FEATURES, chunks, versions=["2"], jurisdictions=["HK", "", "XX"])
    _expect(lake, found, chunks, lambda row: row["version"] == "2" and row["jurisdiction"] != "CN")
    nobody = view.feature_counts(FEATURES, chunks, jurisdictions=[])
    assert all(counts.n.sum() == 0 for counts in nobody.values())


def _amount(row: Mapping[str, Any], low: float, high: float) -> bool:
    value = row["c_loan_amount"]
    return value is not None and low <= value < high


SLICES: dict[tuple[str, str], Callable[[Mapping[str, Any]], bool]] = {
    ("industry", "food"): lambda row: row["c_industry"] == "food",
    ("industry", "O'Brien"): lambda row: row["c_industry"] == "O'Brien",
    ("industry", ""): lambda row: row["c_industry"] == "",
    ("industry", REST): lambda _: False,
    ("industry", MISSING): lambda row: row["c_industry"] is None,
    ("size", "<50"): lambda row: _amount(row, -1e308, 50),
    ("size", "50–150"): lambda row: _amount(row, 50, 150),
    ("size", "≥150"): lambda row: _amount(row, 150, float("inf")),
    ("size", MISSING): lambda row: (
        row["c_loan_amount"] is None or row["c_loan_amount"] != row["c_loan_amount"]
    ),
    ("term", "24"): lambda row: row["c_term"] == 24,
}


@pytest.mark.parametrize("chosen", SLICES, ids="=".join)
@pytest.mark.parametrize("by", ["month", "week"])
def test_slices_by_month_and_cut_months(
    lake: Lake, view: ProfileView, chosen: tuple[str, str], by: Grain
) -> None:
    chunks = _chunks(by)
    found = view.feature_counts(FEATURES, chunks, slice=chosen)
    _expect(lake, found, chunks, SLICES[chosen], extremes=False)
    exact = view.feature_counts(FEATURES, chunks, slice=chosen, exact=True)
    _expect(lake, exact, chunks, SLICES[chosen])


def test_a_slice_that_nobody_knows(view: ProfileView) -> None:
    with pytest.raises(NotFound, match="no slice county"):
        view.feature_counts(FEATURES, _chunks("month"), slice=("county", "x"))
    with pytest.raises(NotFound, match="no value x"):
        view.feature_counts(FEATURES, _chunks("month"), slice=("industry", "x"))
    assert set(view.slices) == {"industry", "size", "term"}


@pytest.mark.parametrize("zone", ["Europe/London", "America/Santiago"])
def test_days_of_a_zone_with_summer_time(tmp_path: Path, lake: Lake, zone: str) -> None:
    # 30 March 2025 has 23 hours in London; Santiago's clocks change at midnight of 6 April.
    rows = [
        {**row, "time": datetime(2025, 3, 28, tzinfo=UTC) + timedelta(minutes=11) * at}
        for at, row in enumerate(ROWS)
    ]
    own = _lake(tmp_path, lake.duck, a_sliced_contract(timezone=zone), rows)
    view = ProfileStore(own.duck, own.home).view(own.contract, 1, own.files, own.bins)
    chunks = calendar_chunks(
        Window.of_days(date(2025, 3, 27), date(2025, 4, 10), zone), "day", zone
    )
    _expect(own, view.feature_counts(FEATURES, chunks), chunks, rows=rows)


def test_chunks_of_n_rows(lake: Lake, view: ProfileView) -> None:
    window = ROWS[10]["time"], ROWS[-1]["time"]
    chunks, found = view.row_chunk_counts(FEATURES, window, 400)
    assert [chunk.start for chunk in chunks] == [ROWS[at]["time"] for at in (10, 410, 810, 1210)]
    assert chunks[-1].end == ROWS[-2]["time"] + timedelta(microseconds=1)
    _expect(lake, found, chunks)
    assert found["@score"].n.sum(axis=1).tolist() == [400, 400, 400, 289]


def test_chunks_of_n_rows_of_a_slice(lake: Lake, view: ProfileView) -> None:
    window = ROWS[0]["time"], ROWS[-1]["time"] + timedelta(days=1)
    chunks, found = view.row_chunk_counts(FEATURES, window, 50, slice=("industry", "food"))
    _expect(lake, found, chunks, lambda row: row["c_industry"] == "food")
    before = (datetime(2020, 1, 1, tzinfo=UTC),) * 2
    none, empty = view.row_chunk_counts(FEATURES, before, 50)
    assert none == ()
    assert {counts.n.shape[0] for counts in empty.values()} == {0}
    assert {name: counts.n.shape[1] for name, counts in empty.items()} == {
        name: counts.n.shape[1] for name, counts in found.items()
    }


def test_the_reference_keeps_its_own_counts(lake: Lake, view: ProfileView) -> None:
    reference = view.reference_counts(FEATURES)
    for feature, column in COLUMNS.items():
        assert_same(reference[feature], counted(lake.bins, feature, column, ROWS[:500]))
    food = view.reference_counts(FEATURES, slice=("industry", "food"), jurisdictions=["HK"])
    rows = [r for r in ROWS[:500] if r["c_industry"] == "food" and r["jurisdiction"] == "HK"]
    assert_same(food["@score"], counted(lake.bins, "@score", "score", rows), extremes=False)


def test_operations_by_chunk(lake: Lake, view: ProfileView) -> None:
    chunks = _chunks("week")
    found = view.operation_counts(chunks, versions=["1"])
    for index, chunk in enumerate(chunks):
        rows = [
            row for row in ROWS if chunk.start <= row["time"] < chunk.end and row["version"] == "1"
        ]
        assert found["@rows"].n[index, CODE_OFFSET] == len(rows)
        failed = sum(row["status"] == "timeout" for row in rows)
        assert found["@status"].n[index, CODE_OFFSET + 1] == failed
        if rows:
            expected = counted(BinSet(operation_bins()), "@latency_ms", "latency_ms", rows)
            np.testing.assert_array_equal(found["@latency_ms"].n[index], expected.n)


def test_operations_of_part_of_a_day_come_from_raw_rows(lake: Lake, view: ProfileView) -> None:
    chunk = Chunk(0, "x", ROWS[5]["time"], ROWS[9]["time"])
    found = view.operation_counts([chunk])
    assert found["@rows"].n.sum() == 4
    hours = operation_bins()["@hour"].values  # type: ignore[union-attr]
    local = [hours[at] for at in np.flatnonzero(found["@hour"].n[0]) - CODE_OFFSET]
    # 12:00 UTC + 5…8 hours is 01:00…04:00 in Hong Kong.
    assert {mark[:2] for mark in local} == {"01", "02", "03", "04"}


def test_a_new_generation_reads_only_its_new_files(lake: Lake, tmp_path: Path) -> None:
    store = ProfileStore(lake.duck, lake.home)
    data = [file for file in lake.files if file.kind == "data"]
    first = store.view(lake.contract, 1, lake.files[:3], lake.bins)
    chunks = _chunks("month")
    _expect(lake, first.feature_counts(FEATURES, chunks), chunks, rows=ROWS[:500])
    first.feature_counts(FEATURES, chunks, slice=("industry", "food"))
    assert store.view(lake.contract, 1, lake.files[:3], lake.bins) is first
    second = store.view(lake.contract, 2, lake.files, lake.bins)
    _expect(lake, second.feature_counts(FEATURES, chunks), chunks)
    sliced = second.feature_counts(FEATURES, chunks, slice=("industry", "food"))
    _expect(lake, sliced, chunks, SLICES["industry", "food"], extremes=False)
    _expect(lake, first.feature_counts(FEATURES, chunks), chunks, rows=ROWS[:500])
    # A compacted generation has other files with the same rows: it starts afresh.
    merged = tmp_path / "merged.parquet"
    relation = parquet_relation([lake.home / file.path for file in data])
    write_profile(lake.duck, relation, lake.contract, lake.bins, "features", merged)
    files = [
        *data,
        AFile("profile", str(merged), profile_kind="features", bins_id=lake.bins.bins_id),
    ]
    third = store.view(lake.contract, 3, files, lake.bins)
    _expect(lake, third.feature_counts(FEATURES, chunks), chunks)


def test_merged_profiles_with_plain_texts_are_read_too(lake: Lake, tmp_path: Path) -> None:
    # As the compaction writes them: by DuckDB, without Arrow's dictionary types.
    parts = [lake.home / f.path for f in lake.files if f.profile_kind == "features"]
    target = tmp_path / "plain.parquet"
    lake.duck.execute(f"COPY (FROM {parquet_relation(parts)} ORDER BY n) TO '{target}'")
    files = [f for f in lake.files if f.kind == "data"]
    files.append(AFile("profile", str(target), profile_kind="features", bins_id=lake.bins.bins_id))
    view = ProfileStore(lake.duck, lake.home).view(lake.contract, 1, files, lake.bins)
    chunks = _chunks("week")
    _expect(lake, view.feature_counts(FEATURES, chunks), chunks)


def test_a_file_that_is_gone(lake: Lake, tmp_path: Path) -> None:
    gone = [
        AFile("profile", "gone.parquet", profile_kind="features", bins_id=lake.bins.bins_id),
        AFile(
            "data",
            "gone-rows.parquet",
            stream="predictions",
            first_time=ROWS[0]["time"],
            last_time=ROWS[-1]["time"],
        ),
    ]
    view = ProfileStore(lake.duck, tmp_path).view(lake.contract, 1, gone, lake.bins)
    with pytest.raises(StaleGeneration):
        view.feature_counts(FEATURES, _chunks("month"))
    with pytest.raises(StaleGeneration):
        view.feature_counts(FEATURES, _chunks("month"), exact=True)


def test_an_empty_log_counts_nothing(lake: Lake) -> None:
    view = ProfileStore(lake.duck, lake.home).view(lake.contract, 1, [], lake.bins)
    assert view.span is None
    chunks = _chunks("month")
    counts = view.feature_counts(FEATURES, chunks)
    assert {c.n.sum() for c in counts.values()} == {0.0}
    assert counts["@score"].n.shape[0] == len(chunks)
    assert view.reference_counts(["@score"])["@score"].n.sum() == 0
    without = ProfileStore(lake.duck, lake.home).view(lake.contract, 1, [], None)
    assert without.feature_counts(FEATURES, chunks) == {}


def test_threads_share_a_view(lake: Lake) -> None:
    store = ProfileStore(lake.duck, lake.home)
    chunks = _chunks("week")
    single = store.view(lake.contract, 1, lake.files, lake.bins).feature_counts(
        FEATURES, chunks, slice=("industry", "food")
    )

    def ask(generation: int) -> float:
        view = store.view(lake.contract, generation, lake.files, lake.bins)
        found = view.feature_counts(FEATURES, chunks, slice=("industry", "food"))
        return float(np.abs(found["loan amount"].n - single["loan amount"].n).sum())

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, [1, 2, 1, 3, 2, 3, 4, 1])) == {0.0}
