"""Rows drawn from a data set by a seed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from core.errors import UnreadableFile
from core.lake.duck import Duck, open_duck
from core.lake.training_sample import Kind, draw_training
from tests.support.lake_builders import FolderSettings

COLUMNS: dict[str, Kind] = {"amount": "numeric", "code": "categorical"}


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duck]:
    folder = tmp_path_factory.mktemp("duck")
    with open_duck(FolderSettings(folder, "sqlite://", threads=1)) as connection:
        yield connection


def written(folder: Path, rows: int, group: int = 7) -> Path:
    path = folder / "training.parquet"
    table = pa.table(
        {
            "other": ["x"] * rows,
            "code": [float(place) for place in range(rows)],
            "amount": list(range(rows)),
        }
    )
    parquet.write_table(table, path, row_group_size=group)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(total=st.integers(1, 60), rows=st.integers(1, 80), seed=st.integers(0, 99))
def test_the_seed_says_which_rows_are_drawn(
    duck: Duck, tmp_path: Path, total: int, rows: int, seed: int
) -> None:
    found = draw_training(duck, written(tmp_path, total), COLUMNS, rows=rows, seed=seed)

    wanted = np.random.default_rng(seed).choice(total, min(rows, total), replace=False)
    assert found.total == total
    assert found.rows.column("amount").to_pylist() == sorted(float(each) for each in wanted)
    assert found.rows.column("code").to_pylist() == sorted(
        (str(each) for each in wanted.tolist()), key=int
    )
    assert found.rows.column_names == ["amount", "code"]


def test_values_are_read_as_a_log_has_them(duck: Duck, tmp_path: Path) -> None:
    path = tmp_path / "training.parquet"
    table = pa.table({"amount": ["1.5", "much", None], "code": [1.0, float("nan"), 2.5]})
    parquet.write_table(table, path)

    found = draw_training(duck, path, COLUMNS, rows=3, seed=0)
    assert found.rows.column("amount").to_pylist() == [1.5, None, None]
    assert found.rows.column("code").to_pylist() == ["1", None, "2.5"]


def test_what_is_no_data_set_is_refused(duck: Duck, tmp_path: Path) -> None:
    path = tmp_path / "training.parquet"
    path.write_bytes(b"amount,code\n1,2\n")

    with pytest.raises(UnreadableFile, match=r"training\.parquet"):
        draw_training(duck, path, COLUMNS, rows=3, seed=0)
