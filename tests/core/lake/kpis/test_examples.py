"""The rows behind a figure, against the same picked with pandas."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from core.contract.kpi_names import kpi_names
from core.domain.expression import KpiExpression, Schema, kpi_expression
from core.errors import StaleGeneration
from core.lake.kpis.examples import Examples, kpi_examples
from core.lake.kpis.rows import KpiRows
from core.lake.profiles.segments import MISSING, SliceValues
from core.lake.row_filter import RowFilter
from tests.core.lake.kpis.test_cells import FIRST, MONTHS, the_contract, the_decisions, the_log

INDUSTRY = SliceValues("industry", "c_industry", ("retail", "food"))
SHOWN = ("amount", "final_decision")


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """January's loans with what was decided in the end."""
    found = the_log(600)
    human = the_decisions(found).set_index("prediction_id")["decision"]
    found["human"] = found["prediction_id"].map(human)
    found["final"] = found["human"].fillna(found["decision"])
    return found


@pytest.fixture(scope="module")
def rows(log: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> KpiRows:
    folder: Path = tmp_path_factory.mktemp("lake")
    log.drop(columns=["human", "final"]).to_parquet(folder / "predictions.parquet")
    the_decisions(log).to_parquet(folder / "decisions.parquet")
    as_of = FIRST.replace(year=2026)
    return KpiRows(
        the_contract(),
        (str(folder / "predictions.parquet"),),
        (),
        (str(folder / "decisions.parquet"),),
        (),
        MONTHS[:1],
        RowFilter(),
        as_of,
        as_of,
    )


def expression(text: str) -> KpiExpression:
    return kpi_expression(text, Schema(kpi_names(the_contract()), {}, {}))


def found(rows: KpiRows, text: str, *, limit: int = 10, **options: object) -> Examples:
    return kpi_examples(
        duckdb.connect(),
        rows,
        expression(text),
        shown=SHOWN,
        limit=limit,
        **options,  # type: ignore[arg-type]
    )


def in_january(log: pd.DataFrame) -> pd.DataFrame:
    return log[log["time"] < pd.Timestamp(MONTHS[0].end)]


def test_the_largest_come_first_and_all_that_count_are_counted(
    log: pd.DataFrame, rows: KpiRows
) -> None:
    answer = found(rows, "sum(amount where final_decision = 'approve') / count()")
    january = in_january(log)
    approved = january[(january["final"] == "approve") & january["amount"].notna()]
    largest = approved.nlargest(10, "amount", keep="all")["amount"].tolist()
    assert answer.names == ("prediction_id", "time", "version", "amount", "final_decision")
    assert [row[3] for row in answer.rows] == largest[:10]
    assert {row[4] for row in answer.rows} == {"approve"}
    assert [part[0] for part in answer.parts] == largest[:10]
    # Every row is counted below the line, so every row counts.
    assert answer.counted == len(january)
    assert {part[1] for part in answer.parts} == {1.0}


def test_rows_that_count_nowhere_are_left_out(log: pd.DataFrame, rows: KpiRows) -> None:
    answer = found(rows, "sum(amount where final_decision = 'approve')", limit=600)
    january = in_january(log)
    counts = (january["final"] == "approve") & january["amount"].notna()
    assert answer.counted == len(answer.rows) == counts.sum()
    assert {row[0] for row in answer.rows} == set(january.loc[counts, "prediction_id"])


def test_only_one_value_of_a_segment(log: pd.DataFrame, rows: KpiRows) -> None:
    january = in_january(log)
    for value, wanted in (
        ("retail", january["c_industry"] == "retail"),
        (MISSING, january["c_industry"].isna()),
    ):
        answer = found(rows, "count()", limit=600, cut=(INDUSTRY, value))
        assert {row[0] for row in answer.rows} == set(january.loc[wanted, "prediction_id"])


def test_only_where_people_decided_otherwise(log: pd.DataFrame, rows: KpiRows) -> None:
    january = in_january(log)
    otherwise = january["human"].notna() & (january["human"] != january["decision"])
    answer = found(rows, "count()", limit=600, overridden=True)
    assert {row[0] for row in answer.rows} == set(january.loc[otherwise, "prediction_id"])


def test_a_distinct_text_adds_one(rows: KpiRows) -> None:
    answer = found(rows, "distinct(final_decision)", limit=3)
    assert answer.parts == ((1.0,),) * 3


def test_nothing_to_read_is_an_empty_answer(rows: KpiRows) -> None:
    answer = found(replace(rows, predictions=()), "count()")
    assert (answer.counted, answer.rows, answer.parts) == (0, (), ())


def test_a_file_that_is_gone_is_said(rows: KpiRows) -> None:
    with pytest.raises(StaleGeneration):
        found(replace(rows, predictions=("/nowhere/a.parquet",)), "count()")
