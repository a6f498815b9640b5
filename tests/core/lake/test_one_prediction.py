from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import StaleGeneration
from core.lake.duck import Duck, open_duck
from core.lake.one_prediction import PredictionPlace, find_prediction
from tests.lake_builders import FolderSettings, a_sliced_contract, write_lake

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
    groups = [
        [str(write_lake(tmp_path / "new.parquet", contract, new))],
        [str(write_lake(tmp_path / "old.parquet", contract, old))],
    ]

    def found(prediction_id: str) -> PredictionPlace | None:
        return find_prediction(duck, groups, prediction_id)

    assert found("c") == PredictionPlace("2", "HK", FIRST + timedelta(hours=6))
    assert found("a") == PredictionPlace("1", "HK", FIRST)
    assert found("b'; --") == PredictionPlace("", "HK", FIRST + timedelta(hours=1))
    assert found("") is None
    assert found("' OR ''='") is None
    assert find_prediction(duck, [], "a") is None


def test_a_file_that_is_gone(duck: Duck, tmp_path: Path) -> None:
    with pytest.raises(StaleGeneration):
        find_prediction(duck, [[str(tmp_path / "gone.parquet")]], "a")
