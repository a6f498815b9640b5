"""The draw of each period against Python's own SHA-256, its labels against pandas."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain.windows import Window, calendar_chunks
from core.errors import StaleGeneration
from core.lake.duck import Duck, open_duck
from core.lake.labels import chunk_samples as module
from core.lake.labels.chunk_samples import ChunkSample, chunk_sample, labelled_log
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import LabelledRows
from core.lake.row_filter import RowFilter
from tests.support.lake_builders import FolderSettings, a_sliced_contract, write_lake

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
COUNT = 59 * 24  # January and February
CHUNKS = calendar_chunks(Window(FIRST, FIRST + timedelta(days=90)), "month", "UTC")
MATURE = FIRST + timedelta(days=40)
AS_OF = FIRST + timedelta(days=80)
COLUMNS = ["prediction_id", "score", "c_term"]


def row(number: int) -> dict[str, Any]:
    return {
        "prediction_id": f"p{number}",
        "time": FIRST + timedelta(hours=number),
        "version": "1" if number % 3 else "2",
        "jurisdiction": "HK" if number % 2 else "CN",
        # Some rows have no score, or one that is no number.
        "score": None if number % 50 == 0 else np.inf if number % 50 == 1 else number / COUNT,
        "c_term": number % 7,
        "_batch": f"b{number // 700}",
        "_row": number % 700,
    }


def known() -> pd.DataFrame:
    """Return labels of every second prediction; the first ten were revised later."""
    numbers = range(0, COUNT, 2)
    first = pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in numbers],
            "time": [FIRST + timedelta(hours=number) for number in numbers],
            "version": ["1" if number % 3 else "2" for number in numbers],
            "jurisdiction": ["HK" if number % 2 else "CN" for number in numbers],
            "observed_at": [FIRST + timedelta(hours=number, days=5) for number in numbers],
            "label": [float(number % 4 == 0) for number in numbers],
            "label_text": [str(number % 4 == 0) for number in numbers],
            "revision": 0,
            "_batch": "o1",
            "_row": [int(number) for number in numbers],
        }
    )
    later = first.head(10).assign(
        label=9.0, revision=1, observed_at=first["observed_at"] + timedelta(days=60), _batch="o2"
    )
    whole = pd.concat([first, later], ignore_index=True)
    return whole.astype({"time": "datetime64[us, UTC]", "observed_at": "datetime64[us, UTC]"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    rows = [row(number) for number in range(COUNT)]
    write_lake(folder / "one.parquet", CONTRACT, rows)
    write_lake(folder / "two-0.parquet", CONTRACT, rows[:700])
    write_lake(folder / "two-1.parquet", CONTRACT, rows[700:])
    known().to_parquet(folder / "known.parquet")
    return folder


@pytest.fixture(scope="module")
def duck(folder: Path) -> Iterator[Duck]:
    with open_duck(FolderSettings(folder, "sqlite://", threads=2)) as connection:
        yield connection


def wanted(folder: Path, **changes: Any) -> LabelledRows:
    given = LabelledRows(
        contract=CONTRACT,
        resolved=(str(folder / "known.parquet"),),
        chunks=tuple(CHUNKS),
        rows=RowFilter(until=AS_OF),
        as_of=AS_OF,
        matured_before=MATURE,
    )
    return replace(given, **changes)


def draw(
    duck: Duck, rows: LabelledRows, folder: Path, pattern: str = "one.parquet", **how: Any
) -> ChunkSample:
    given = {"numbers": ["score"], "size": 40, "seed": 3, **how}
    paths = sorted(str(path) for path in folder.glob(pattern))
    return chunk_sample(duck, rows, paths, COLUMNS, **given)


def plainly(seed: int, size: int, chosen: Any = lambda _: True) -> dict[int, list[str]]:
    """Return the ids of each month's draw, by hashlib."""
    found: dict[int, list[str]] = {}
    for month, (start, stop) in enumerate(((0, 31 * 24), (31 * 24, COUNT))):
        ids = [f"p{number}" for number in range(start, stop) if number % 50 > 1 and chosen(number)]
        ids.sort(key=lambda each: hashlib.sha256(f"{seed}:{each}".encode()).hexdigest())
        found[month] = ids[:size]
    return found


def ids_of(sample: ChunkSample) -> dict[int, list[str]]:
    ids = sample.rows.column("prediction_id").to_pylist()
    return {
        int(month): [name for name, own in zip(ids, sample.period, strict=True) if own == month]
        for month in np.unique(sample.period)
    }


@pytest.mark.parametrize("seed", [3, 4])
def test_each_month_is_drawn_by_the_hash_of_its_ids(duck: Duck, folder: Path, seed: int) -> None:
    found = draw(duck, wanted(folder), folder, seed=seed)
    assert ids_of(found) == plainly(seed, 40)
    rows = [number for number in range(COUNT) if number % 50 > 1]
    months = [sum(n < 31 * 24 for n in rows), sum(n >= 31 * 24 for n in rows), 0]
    assert found.population.tolist() == months
    split = draw(duck, wanted(folder), folder, "two-*.parquet", seed=seed)
    assert split.rows.equals(found.rows)


def test_only_low_hashes_are_sorted(
    duck: Duck, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MORE", 20)
    assert module._below(40, 713) < module._ABOVE_ALL
    assert ids_of(draw(duck, wanted(folder), folder)) == plainly(3, 40)


def test_a_small_month_is_taken_whole(duck: Duck, folder: Path) -> None:
    found = draw(duck, wanted(folder), folder, size=10_000)
    assert found.rows.num_rows == found.population.sum()
    assert {name: sorted(ids) for name, ids in ids_of(found).items()} == {
        name: sorted(ids) for name, ids in plainly(3, 10_000).items()
    }


def test_the_newest_label_that_was_known_stands_beside_it(duck: Duck, folder: Path) -> None:
    for as_of in (AS_OF, FIRST + timedelta(days=20)):
        found = draw(duck, wanted(folder, as_of=as_of), folder, size=10_000)
        labels = known()
        labels = labels[labels["observed_at"] <= as_of]
        newest = labels.sort_values("observed_at").groupby("prediction_id")["label"].last()
        ids = pd.Series(found.rows.column("prediction_id").to_pylist())
        theirs = ids.map(newest).to_numpy(dtype=float)
        ours = np.asarray(found.rows.column("label").to_numpy(), dtype=float)
        np.testing.assert_array_equal(ours, theirs)
        hours = ids.str[1:].astype(int).to_numpy()
        old = FIRST.timestamp() + hours * 3600 <= MATURE.timestamp()
        assert found.mature.tolist() == (old & ~np.isnan(theirs)).tolist()
    assert 9.0 in known()["label"].tolist()


def test_only_rows_with_a_final_label_are_drawn(duck: Duck, folder: Path) -> None:
    found = draw(duck, wanted(folder), folder, labelled=True)
    assert ids_of(found) == plainly(3, 40, lambda n: n % 2 == 0 and n <= 40 * 24)
    assert found.mature.all()


def test_versions_and_jurisdictions_narrow_the_draw(duck: Duck, folder: Path) -> None:
    rows = RowFilter(versions=("2",), jurisdictions=("HK",), until=AS_OF)
    found = draw(duck, wanted(folder, rows=rows), folder)
    assert ids_of(found) == plainly(3, 40, lambda n: n % 3 == 0 and n % 2 == 1)


def test_nothing_to_draw_from(duck: Duck, folder: Path) -> None:
    for found in (
        draw(duck, wanted(folder), folder, "none-*.parquet"),
        draw(duck, wanted(folder, chunks=()), folder),
        draw(duck, wanted(folder), folder, "known.parquet"),  # no score in the file
    ):
        assert found.rows.num_rows == found.period.size == found.mature.size == 0
        assert found.rows.column_names == [*COLUMNS, "label", "label_text"]
        assert not found.population.any()
    bare = draw(duck, wanted(folder, resolved=()), folder)
    assert bare.rows.num_rows == 80
    assert not bare.mature.any()
    assert draw(duck, wanted(folder, resolved=()), folder, labelled=True).rows.num_rows == 0


def test_a_column_that_no_file_has_is_null(duck: Duck, folder: Path) -> None:
    paths = [str(folder / "known.parquet")]
    with pytest.raises(KeyError, match="label"):  # no column of the predictions
        draw(duck, wanted(folder), folder, numbers=["label"])
    rows = chunk_sample(
        duck, wanted(folder), paths, ["score", "c_term"], numbers=[], size=5, seed=1
    ).rows
    assert rows.column("c_term").null_count == rows.num_rows == 10


def test_a_file_that_is_gone(duck: Duck, folder: Path) -> None:
    with pytest.raises(StaleGeneration):
        chunk_sample(
            duck, wanted(folder), [str(folder / "gone.parquet")], COLUMNS,
            numbers=["score"], size=5, seed=1,
        )  # fmt: skip


def test_the_log_with_its_labels_in_the_order_of_time(duck: Duck, folder: Path) -> None:
    paths = sorted(str(path) for path in folder.glob("two-*.parquet"))
    found = labelled_log(duck, wanted(folder), paths, flagged_sql(CONTRACT)).to_pandas()
    numbers = [number for number in range(COUNT) if number % 50 > 1]
    assert found["score"].tolist() == [number / COUNT for number in numbers]
    assert found["flagged"].tolist() == [float(number / COUNT >= 0.5) for number in numbers]
    assert found["label"].notna().tolist() == [number % 2 == 0 for number in numbers]
    empty = labelled_log(duck, wanted(folder), [], flagged_sql(CONTRACT))
    assert empty.num_rows == 0
    assert empty.column_names == ["time", "score", "flagged", "label"]
