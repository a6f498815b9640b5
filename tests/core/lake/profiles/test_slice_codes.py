"""Codes of a segment's values: the place of the label that the row filter calls it by."""

from itertools import product

import duckdb
import pytest

from core.lake.profiles.segments import MISSING, REST, SliceValues
from core.lake.profiles.slice_codes import slice_code_sql
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

CONTRACT = a_contract(
    features=[{"name": "industry", "type": "categorical"}, {"name": "income", "type": "numeric"}],
    segments=["industry", {"name": "band", "from": "income", "edges": [10, 20]}],
)
INDUSTRY = SliceValues("industry", "c_industry", ("it's", "零售"))
BAND = SliceValues("band", "c_income", ("<10", "10–20", "≥20"), (10.0, 20.0))
TEXTS = ("it's", "零售", "other", None)
NUMBERS = (-5.0, 9.999, 10.0, 19.999, 20.0, 500.0, float("nan"), None)


@pytest.fixture
def rows() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows (c_industry VARCHAR, c_income DOUBLE)")
    connection.executemany("INSERT INTO rows VALUES (?, ?)", list(product(TEXTS, NUMBERS)))
    return connection


def test_values_the_rest_and_the_missing_have_their_places(
    rows: duckdb.DuckDBPyConnection,
) -> None:
    found = dict(
        rows.sql(
            f"SELECT DISTINCT c_industry, {slice_code_sql(CONTRACT, [INDUSTRY])} FROM rows AS r"
        ).fetchall()
    )
    assert {text: INDUSTRY.labels[code] for text, code in found.items()} == {
        "it's": "it's", "零售": "零售", "other": REST, None: MISSING,
    }  # fmt: skip


def test_an_edge_belongs_to_the_range_above_it(rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.sql(
        f"SELECT c_income, {slice_code_sql(CONTRACT, [BAND])} FROM rows AS r"
        " WHERE c_industry = '零售'"
    ).fetchall()
    assert [BAND.labels[code] for _, code in found] == [
        "<10", "<10", "10–20", "10–20", "≥20", "≥20", MISSING, MISSING,
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [INDUSTRY, BAND])
def test_it_counts_what_the_filter_lets_through(
    rows: duckdb.DuckDBPyConnection, cut: SliceValues
) -> None:
    for code, label in enumerate(cut.labels):
        condition = RowFilter(slice=(cut, label)).condition(text=cut is INDUSTRY)
        differ = rows.sql(
            f"SELECT count(*) FROM rows AS r WHERE ({condition}) IS TRUE"
            f" <> ({slice_code_sql(CONTRACT, [cut])} = {code})"
        ).fetchall()
        assert differ == [(0,)], label


def test_two_segments_make_a_table_the_last_changing_fastest(
    rows: duckdb.DuckDBPyConnection,
) -> None:
    found = rows.sql(f"SELECT {slice_code_sql(CONTRACT, [INDUSTRY, BAND])} FROM rows AS r")
    codes = {code for (code,) in found.fetchall()}
    assert codes == set(range(len(INDUSTRY.labels) * len(BAND.labels)))
    other = rows.sql(
        f"SELECT DISTINCT {slice_code_sql(CONTRACT, [INDUSTRY, BAND])} FROM rows AS r"
        " WHERE c_industry = '零售' AND c_income = 500"
    ).fetchall()
    assert other == [(1 * 4 + 2,)]
