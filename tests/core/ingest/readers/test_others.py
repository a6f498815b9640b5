import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import UnreadableFile
from core.ingest import reasons
from core.ingest.readers import BrokenRow, open_source


def _read(path: Path) -> tuple[tuple[str, ...], list[tuple[object, ...]], list[BrokenRow]]:
    broken: list[BrokenRow] = []

    def reject(rows: Sequence[BrokenRow]) -> None:
        broken.extend(rows)

    with duckdb.connect() as connection:
        source = open_source(connection, path, reject)
        rows = connection.execute(f"SELECT * FROM {source.relation} ORDER BY _index").fetchall()
    return source.names, rows, broken


def test_parquet_columns_keep_the_names_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "odd[1]*.parquet"
    names = ["id", "ID", 'a "quote"; DROP TABLE x', "nested", "last"]
    data = [[1, 2], [3, 4], ["x", "y"], [{"p": 1, "q": {"r": 2}}] * 2, [5, 6]]
    pq.write_table(pa.Table.from_arrays([pa.array(column) for column in data], names), path)
    found, rows, _ = _read(path)
    assert found == tuple(names)
    assert [(row[0], row[1], row[4]) for row in rows] == [(1, 3, 5), (2, 4, 6)]
    assert [row[-1] for row in rows] == [1, 2]


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(UnreadableFile):
        _read(path)


def test_json_lines_flatten_one_level(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "score": 0.5, "who": {"name": "嘅", "age": 7, "deep": {"x": 1}}},
        {"id": "2", "tags": [1, 2], "a/b~c": True, "who": None},
    ]
    path = tmp_path / "log.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text(lines[0] + "\n\n" + lines[1] + "\n", encoding="utf-8")
    names, values, broken = _read(path)
    first, second = (dict(zip(names, row[:-2], strict=True)) for row in values)
    assert not broken
    assert (first["id"], first["score"], first["who.name"], first["who.age"]) == (
        "1",
        "0.5",
        "嘅",
        "7",
    )
    assert (second["a/b~c"], second["tags"], second["who.name"]) == ("true", "[1,2]", None)
    assert [row[-1] for row in values] == [1, 3]


def test_lines_that_are_no_objects_are_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"id": 1}\n[1]\nnot json\n{"id": "\xff"}\n{"id": 2}\n')
    _, values, broken = _read(path)
    assert [(row[0], row[-1]) for row in values] == [("1", 1), ("2", 5)]
    assert sorted((row.line, row.reason) for row in broken) == [
        (2, reasons.NOT_JSON),
        (3, reasons.NOT_JSON),
        (4, reasons.UNDECODABLE),
    ]
