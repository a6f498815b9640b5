from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import StaleGeneration
from core.lake.decisions.one_prediction import (
    PredictionFiles,
    PredictionPlace,
    find_prediction,
    read_prediction,
)
from core.lake.duck import Duck, open_duck
from core.lake.id_filters import IdFilters
from tests.support.lake_builders import FolderSettings, a_sliced_contract, write_lake

FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def row(prediction_id: str, hours: int, version: str | None = "1") -> dict[str, object]:
    return {
        "prediction_id": prediction_id,
        "time": FIRST + timedelta(hours=hours),
        "version": version,
        "jurisdiction": "HK",
    }


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


def test_the_newest_of_an_id_in_the_first_group_that_has_it(duck: Duck, tmp_path: Path) -> None:
    contract = a_sliced_contract()
    old = [row("a", 0), row("b'; --", 1, None)]
    new = [row("c", 5), row("c", 6, "2"), row("d", 7)]
    filters = IdFilters()
    groups = [
        [str(write_lake(tmp_path / "new.parquet", contract, new))],
        [str(write_lake(tmp_path / "old.parquet", contract, old))],
    ]

    def found(prediction_id: str) -> PredictionPlace | None:
        return find_prediction(duck, filters, PredictionFiles("loans", groups), prediction_id)

    assert found("c") == PredictionPlace("2", "HK", FIRST + timedelta(hours=6))
    assert found("a") == PredictionPlace("1", "HK", FIRST)
    assert found("b'; --") == PredictionPlace("", "HK", FIRST + timedelta(hours=1))
    assert found("") is None
    assert found("' OR ''='") is None
    assert find_prediction(duck, filters, PredictionFiles("loans", []), "a") is None
    assert filters.known_files("loans") == set()


@pytest.mark.parametrize("most_bytes", [10_000, 0], ids=["by filter", "file by file"])
def test_the_newest_of_one_id_in_many_files(duck: Duck, tmp_path: Path, most_bytes: int) -> None:
    contract = a_sliced_contract()
    hours = (3, 9, 5)
    paths = [
        str(
            write_lake(tmp_path / f"{hour}.parquet", contract, [row("a", hour), row(f"b{hour}", 0)])
        )
        for hour in hours
    ]
    files, filters = PredictionFiles("loans", [paths]), IdFilters(most_bytes)
    found = find_prediction(duck, filters, files, "a")
    assert found == PredictionPlace("1", "HK", FIRST + timedelta(hours=9))
    whole = read_prediction(duck, filters, files, "a")
    assert whole is not None
    assert whole["time"] == FIRST + timedelta(hours=9)
    assert {"prediction_id", "c_loan_amount", "_batch"} <= set(whole)
    assert read_prediction(duck, filters, files, "b9") is not None
    assert read_prediction(duck, filters, files, "b") is None


def test_a_file_that_is_gone(duck: Duck, tmp_path: Path) -> None:
    contract = a_sliced_contract()
    path = write_lake(tmp_path / "a.parquet", contract, [row("a", 0)])
    files, filters = PredictionFiles("loans", [[str(path)]]), IdFilters()
    assert find_prediction(duck, filters, files, "a") is not None
    path.unlink()
    with pytest.raises(StaleGeneration):
        find_prediction(duck, filters, files, "a")
    gone = PredictionFiles("loans", [[str(tmp_path / "gone.parquet")]])
    with pytest.raises(StaleGeneration):
        find_prediction(duck, filters, gone, "a")
