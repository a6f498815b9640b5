"""The population of a sample: each prediction once, by its newest row, in a span and a scope."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contract.kpi_names import kpi_names
from core.domain.expression import RowExpression, Schema, row_expression
from core.lake.decisions.chosen import Choice
from core.lake.decisions.frame_rows import frame_rows
from core.lake.duck import Duck, open_duck
from core.lake.row_filter import RowFilter
from tests.support.lake_builders import FolderSettings, a_nasty_log, a_sliced_contract, lake_table

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


def condition(text: str) -> RowExpression:
    return row_expression(text, Schema(kpi_names(CONTRACT)), kind="boolean")


def frame(
    duck: Duck,
    paths: list[str],
    text: str = "true",
    *,
    rows: RowFilter | None = None,
    left_out: frozenset[str] = frozenset(),
    most: int = 1_000,
    **more: Any,
) -> pa.Table | int:
    choice = Choice(CONTRACT, condition(text), rows or RowFilter(), left_out)
    return frame_rows(duck, paths, choice, most=most, **more)


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
    pq.write_table(lake_table(CONTRACT, rows).drop_columns(list(without)), path)
    return str(path)


def ids(found: pa.Table | int) -> list[str]:
    assert not isinstance(found, int)
    return [str(each) for each in found.column("prediction_id").to_pylist()]


def test_a_condition_in_python_chooses_the_same(duck: Duck, tmp_path: Path) -> None:
    log = a_nasty_log(400)
    path = write(tmp_path / "a.parquet", log)
    wanted = sorted(
        (each for each in log if each["score"] > 0.5),
        key=lambda each: (each["time"], each["prediction_id"]),
    )
    assert ids(frame(duck, [path], "score > 0.5")) == [each["prediction_id"] for each in wanted]
    assert frame(duck, [path], "score > 0.5", most=3) == len(wanted)


def test_only_the_newest_row_of_a_prediction_counts(duck: Duck, tmp_path: Path) -> None:
    old = write(tmp_path / "a.parquet", [row("p1", 0, 0.9), row("p2", 1, 0.1)])
    new = write(tmp_path / "b.parquet", [row("p1", 5, 0.2, _batch="b2")], without=("decision",))
    assert ids(frame(duck, [old, new], "score > 0.5")) == []
    found = frame(duck, [old, new])
    assert ids(found) == ["p2", "p1"]
    # The span is asked of the newest row, too.
    span = (FIRST, FIRST + timedelta(hours=3))
    assert ids(frame(duck, [old, new], span=span)) == ["p2"]


def test_scope_and_what_is_hidden_are_left_out(duck: Duck, tmp_path: Path) -> None:
    rows = [row("p1", 0, 0.9), row("p2", 1, 0.8, jurisdiction="CN"), row("p3", 2, 0.7)]
    path = write(tmp_path / "a.parquet", rows)
    assert ids(frame(duck, [path], rows=RowFilter(jurisdictions=("HK",)))) == ["p1", "p3"]
    assert ids(frame(duck, [path], left_out=frozenset({"p1"}))) == ["p2", "p3"]


def test_what_is_told_of_each(duck: Duck, tmp_path: Path) -> None:
    rows = [
        row("p1", 0, 0.9, decision="decline", prediction="x"),
        row("p2", 1, 0.1, decision=None, prediction="approve", jurisdiction=None, version=None),
    ]
    path = write(tmp_path / "a.parquet", rows)
    found = frame(duck, [path], whole=condition("score > 0.5"))
    assert not isinstance(found, int)
    told = found.select(["version", "jurisdiction", "decision", "whole"]).to_pylist()
    assert told == [
        {"version": "1", "jurisdiction": "HK", "decision": "decline", "whole": True},
        {"version": "", "jurisdiction": "", "decision": "approve", "whole": False},
    ]
