"""DuckDB gives what the language says: held against plain Python, row by row."""

import math
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.expression import Schema, parse, row_expression, written
from core.domain.expression.tree import Node
from core.lake.kpis.expression_sql import row_sql
from tests.core.domain.expression.grammar import (
    COLUMNS,
    SCHEMA,
    TEXTS,
    Row,
    Value,
    conditions,
    instants,
    numbers,
    rows,
    texts,
    worth,
)

SQL = {name: f"t.c{place}" for place, name in enumerate(COLUMNS)}
TYPES = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "instant": "TIMESTAMPTZ"}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f"c{n} {TYPES[kind]}" for n, kind in enumerate(COLUMNS.values()))
        made.execute(f"CREATE TABLE t (place INTEGER, {columns})")
        yield made


def answers(connection: duckdb.DuckDBPyConnection, sql: str, drawn: list[Row]) -> list[Value]:
    connection.execute("DELETE FROM t")
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    for place, row in enumerate(drawn):
        values = [_stored(row[name]) for name in COLUMNS]
        connection.execute(f"INSERT INTO t VALUES ({marks})", [place, *values])
    found = connection.execute(f"SELECT {sql} FROM t ORDER BY place").fetchall()
    return [value for (value,) in found]


def _stored(value: Value) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@given(
    tree=numbers(3) | conditions(3) | texts(2) | instants(2),
    drawn=st.lists(rows(), min_size=1, max_size=3),
)
def test_the_database_gives_what_plain_python_gives(
    connection: duckdb.DuckDBPyConnection, tree: Node, drawn: list[Row]
) -> None:
    found = row_expression(written(tree), SCHEMA)
    sql = row_sql(found.node, SQL)
    asked = f"epoch({sql})" if found.kind == "instant" else sql
    for value, row in zip(answers(connection, asked, drawn), drawn, strict=True):
        wanted = worth(tree, row)
        if isinstance(wanted, datetime):
            assert value == wanted.timestamp()
        elif isinstance(wanted, float):
            assert value == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        else:
            assert value == wanted


@given(text=st.text(max_size=30).filter(lambda text: "\0" not in text))
def test_a_text_stays_a_text(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    quotes = '"' + text.replace('"', '""') + '"'
    node = row_expression(f"{quotes} = city", SCHEMA).node
    row: dict[str, Value] = dict.fromkeys(COLUMNS)
    assert answers(connection, row_sql(node, SQL), [{**row, "city": text}]) == [True]


@pytest.mark.parametrize("name", ["x; DROP TABLE t", 'a"b', "a'b", "--", "/*", "a b", "{0}", "%s"])
def test_a_name_reaches_the_database_as_its_column_alone(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    schema = Schema({name: "number"})
    node = row_expression(f"`{name}` + 1", schema).node
    assert name not in row_sql(node, {name: "t.c0"})
    row: dict[str, Value] = {**dict.fromkeys(COLUMNS), "x": 2.0}
    assert answers(connection, row_sql(node, {name: "t.c0"}), [row]) == [3.0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_missing(
    connection: duckdb.DuckDBPyConnection, value: float | None
) -> None:
    row: dict[str, Value] = {**dict.fromkeys(COLUMNS), "x": value}
    for text, wanted in [("x", None), ("x is missing", True), ("x > 0", None), ("x / 0", None)]:
        sql = row_sql(row_expression(text, SCHEMA).node, SQL)
        assert answers(connection, sql, [row]) == [wanted]


HUGE = "x * 1_000_000_000_000"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (HUGE, None),
        (f"{HUGE} - {HUGE} > 5", None),  # NaN, which the database takes for the largest number
        (f"({HUGE}) is missing", True),
        (f"1 / ({HUGE})", None),
        (f"-({HUGE}) < 0", None),
        (f"greatest({HUGE}, 1)", 1.0),
        (f"coalesce({HUGE}, 2)", 2.0),
        (f"if({HUGE} > 0, 1, 0)", 0.0),
        ("x - x", 0.0),
    ],
)
def test_what_grows_beyond_all_numbers_is_missing(
    connection: duckdb.DuckDBPyConnection, text: str, wanted: Value
) -> None:
    row: dict[str, Value] = {**dict.fromkeys(COLUMNS), "x": 1e300}
    assert answers(connection, row_sql(row_expression(text, SCHEMA).node, SQL), [row]) == [wanted]


def test_divisors_within_divisors_do_not_double_the_text(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sql = row_sql(row_expression("x / (" * 38 + "x" + ")" * 38, SCHEMA).node, SQL)
    assert len(sql) < 20_000
    row: dict[str, Value] = {**dict.fromkeys(COLUMNS), "x": 2.0}
    assert answers(connection, sql, [row]) == [2.0]


def test_whole_numbers_do_not_divide_as_whole_numbers(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    node = row_expression("n / 2 * 3_000_000_000", Schema({"n": "number"})).node
    assert connection.execute(
        f"SELECT {row_sql(node, {'n': 'v'})} FROM (SELECT 3::TINYINT AS v)"
    ).fetchall() == [(4.5e9,)]


def test_the_deepest_expression_is_run(connection: duckdb.DuckDBPyConnection) -> None:
    long = "x" + " + x" * 148
    node = row_expression(long, SCHEMA).node
    row: dict[str, Value] = {**dict.fromkeys(COLUMNS), "x": 1.0}
    assert answers(connection, row_sql(node, SQL), [row]) == [149.0]


def test_what_is_not_of_one_row_is_refused() -> None:
    for text in ("count()", "x"):
        with pytest.raises(TypeError):
            row_sql(parse(text), SQL)


def test_texts_of_the_tests_hold_what_could_break_out() -> None:
    assert any("'" in text for text in TEXTS)
    assert any("--" in text for text in TEXTS)
