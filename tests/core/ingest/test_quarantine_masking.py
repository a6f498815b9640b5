"""Personal data is masked in what leaves the quarantine."""

import json
from pathlib import Path

import duckdb
import pytest

from core.ingest.quarantine_rows import MASK, refusals_by_reason, refused_rows

PERSONAL = frozenset({"name"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "quarantine.parquet"
    rows = [
        ("age", '{"column": "age", "value": "x"}', json.dumps({"name": "陳大文", "age": "x"})),
        ("name", '{"column": "name", "value": "陳"}', json.dumps({"name": "陳", "age": "3"})),
        ("", '{"encoding": "utf-8"}', json.dumps("陳大文,\\xff")),
        ("age", '{"column": "age", "value": ""}', json.dumps({"name": None, "age": ""})),
    ]
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE q (file VARCHAR, line BIGINT, column_ VARCHAR, reason VARCHAR,"
        " params VARCHAR, raw VARCHAR, _source INTEGER)"
    )
    for line, (column, params, raw) in enumerate(rows):
        connection.execute(
            "INSERT INTO q VALUES ('f.csv', ?, ?, 'r', ?, ?, 0)", [line, column, params, raw]
        )
    connection.execute(
        f"COPY (SELECT * RENAME (column_ AS \"column\") FROM q) TO '{path}' (FORMAT parquet)"
    )
    return path


def test_personal_columns_are_masked_and_the_rest_is_shown(file: Path) -> None:
    rows = refused_rows(duckdb.connect(), [("b", file)], limit=10, personal=PERSONAL)
    raw = list(rows["raw"])
    assert json.loads(raw[0]) == {"name": MASK, "age": "x"}
    assert raw[2] == MASK, "what cannot be read column by column is masked whole"
    assert json.loads(raw[3]) == {"name": None, "age": ""}, "what is empty stays empty"
    assert "陳" not in rows.to_csv()
    assert rows["params"][1]["value"] == "–"
    assert rows["params"][0]["value"] == "x"


def test_reasons_never_quote_a_personal_value(file: Path) -> None:
    reasons = refusals_by_reason(
        duckdb.connect(), [("b", file)], with_values=True, personal=PERSONAL
    )
    assert "陳" not in reasons.to_csv()
    assert set(reasons["column"]) == {"", "age", "name"}


def test_without_personal_columns_the_row_is_whole(file: Path) -> None:
    rows = refused_rows(duckdb.connect(), [("b", file)], limit=10)
    assert json.loads(rows["raw"][0])["name"] == "陳大文"
