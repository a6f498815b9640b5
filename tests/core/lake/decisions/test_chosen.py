"""Rows that a condition chooses: the newest of each prediction, with its own file's columns."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.contract.kpi_names import kpi_names
from core.domain.expression import Schema, row_expression
from core.errors import StaleGeneration
from core.lake.decisions.chosen import Choice, ChosenRows, chosen_decisions
from core.lake.duck import Duck, open_duck
from core.lake.row_filter import RowFilter
from tests.support.lake_builders import FolderSettings, a_nasty_log, a_sliced_contract, lake_table

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


def row(prediction_id: str, place: int, score: float, **more: object) -> dict[str, object]:
    return {
        "prediction_id": prediction_id,
        "time": FIRST + timedelta(hours=place),
        "version": "1",
        "jurisdiction": "HK",
        "score": score,
        "_batch": "b1",
        "_row": place,
        **more,
    }


def write(path: Path, rows: list[dict[str, object]], *, without: tuple[str, ...] = ()) -> str:
    table = lake_table(CONTRACT, rows)
    pq.write_table(table.drop_columns(list(without)), path)
    return str(path)


def choose(
    duck: Duck,
    paths: list[str],
    text: str,
    *,
    most: int = 1_000,
    rows: RowFilter | None = None,
    left_out: frozenset[str] = frozenset(),
    spans: tuple[tuple[datetime, datetime], ...] = (),
    among: frozenset[str] | None = None,
) -> ChosenRows | int:
    condition = row_expression(text, Schema(kpi_names(CONTRACT)), kind="boolean")
    choice = Choice(CONTRACT, condition, rows or RowFilter(), left_out, spans, among)
    return chosen_decisions(duck, paths, choice, most=most)


def ids(found: ChosenRows | int) -> list[str]:
    assert isinstance(found, ChosenRows)
    return [str(each["prediction_id"]) for each in found.slice(0, found.rows.num_rows)]


def test_a_condition_in_python_chooses_the_same_rows(duck: Duck, tmp_path: Path) -> None:
    log = a_nasty_log(400)
    path = write(tmp_path / "a.parquet", log)
    wanted = [
        each
        for each in log
        if each["c_industry"] == "O'Brien" or (each["score"] > 0.9 and each["decision"] != "x")
    ]
    order = sorted(wanted, key=lambda each: (each["version"], each["time"]))
    found = choose(duck, [path], """industry = "O'Brien" or score > 0.9""")
    assert ids(found) == [each["prediction_id"] for each in order]
    assert isinstance(found, ChosenRows)
    part = found.slice(2, 3)
    assert [each["prediction_id"] for each in part] == [
        each["prediction_id"] for each in order[2:5]
    ]
    assert part[0]["c_industry"] == order[2]["c_industry"]


def test_what_is_missing_fulfils_no_condition(duck: Duck, tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [row("a", 1, 0.5), row("b", 2, 0.5, c_industry="food")])
    assert ids(choose(duck, [path], "industry != 'retail'")) == ["b"]


def test_an_older_row_of_a_prediction_is_not_chosen(duck: Duck, tmp_path: Path) -> None:
    old = write(tmp_path / "a.parquet", [row("a", 1, 0.9), row("b", 2, 0.9)])
    new = write(tmp_path / "b.parquet", [row("a", 3, 0.1)])
    assert ids(choose(duck, [old, new], "score > 0.5")) == ["b"]
    assert ids(choose(duck, [old, new], "score < 0.5")) == ["a"]


def test_scope_and_what_is_left_out_narrow_it(duck: Duck, tmp_path: Path) -> None:
    rows = [row("a", 1, 0.9), row("b", 2, 0.9, jurisdiction="CN"), row("c", 3, 0.9)]
    path = write(tmp_path / "a.parquet", rows)
    hong_kong = RowFilter(jurisdictions=("HK",))
    assert ids(choose(duck, [path], "true", rows=hong_kong)) == ["a", "c"]
    assert ids(choose(duck, [path], "true", rows=RowFilter(jurisdictions=()))) == []
    assert ids(choose(duck, [path], "true", left_out=frozenset({"a", "x"}))) == ["b", "c"]


def test_a_period_and_named_ones_narrow_it(duck: Duck, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet", [row(name, place, 0.9) for place, name in enumerate("abc")]
    )
    hour = timedelta(hours=1)
    assert ids(choose(duck, [path], "true", spans=((FIRST, FIRST + 2 * hour),))) == ["a", "b"]
    assert ids(choose(duck, [path], "true", among=frozenset({"c", "x"}))) == ["c"]
    assert ids(choose(duck, [path], "score > 1", among=frozenset({"c"}))) == []
    assert ids(choose(duck, [path], "true", among=frozenset())) == []


def test_too_many_are_counted_and_not_read(duck: Duck, tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [row(f"p{n}", n, 0.9) for n in range(5)])
    assert choose(duck, [path], "true", most=4) == 5
    assert len(ids(choose(duck, [path], "true", most=5))) == 5


def test_a_row_has_the_columns_of_its_own_file(duck: Duck, tmp_path: Path) -> None:
    early = write(tmp_path / "a.parquet", [row("a", 1, 0.9)], without=("c_industry",))
    late = write(tmp_path / "b.parquet", [row("b", 2, 0.9), row("c", 3, 0.9, c_industry="food")])
    found = choose(duck, [early, late], "industry = 'food' or score > 0.5")
    assert isinstance(found, ChosenRows)
    first, second, third = found.slice(0, 3)
    assert "c_industry" not in first
    assert (second["c_industry"], third["c_industry"]) == (None, "food")
    assert ids(choose(duck, [early], "industry is missing")) == ["a"]


def test_a_file_that_is_gone_is_told(duck: Duck, tmp_path: Path) -> None:
    with pytest.raises(StaleGeneration):
        choose(duck, [str(tmp_path / "gone.parquet")], "true")
