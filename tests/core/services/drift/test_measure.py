"""Drift of a year of loans against a second route: pandas rows, numpy's counts, ``evaluate``."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, InvalidInput, NotFound, NothingYet
from core.metrics.drift import evaluate
from core.services.drift.measure import (
    DriftTable,
    drift,
    first_of_run,
    newest_judged,
    slice_questions,
)
from core.services.questions import Question
from tests.core.services.raw import (
    COLUMNS as SOURCES,
)
from tests.core.services.raw import (
    counted,
    counted_chunks,
    in_reference,
    logged_loans,
)
from tests.support.harbour import ZONE, Harbour

METHODS = (
    "psi",
    "jensen_shannon",
    "hellinger",
    "l_infinity",
    "total_variation",
    "chi2",
    "kolmogorov_smirnov",
    "wasserstein",
    "normal_score_shift",
)
COLUMNS = ["income", "years", "balance", "sector", "@score", "@decision"]


def months(rows: pd.DataFrame) -> list[pd.DataFrame]:
    return [part for _, part in rows.groupby("month")]


def assert_same_counts(table: DriftTable, rows: pd.DataFrame) -> None:
    """Check every column's counts in every chunk against the rows that lie in it."""
    for column in table.columns:
        wanted = counted_chunks(column.counts.bins, rows, column.column, table.chunks)
        np.testing.assert_array_equal(column.counts.current.n, wanted.n)


def assert_same_reference(table: DriftTable, rows: pd.DataFrame) -> None:
    for column in table.columns:
        wanted = counted(column.counts.bins, in_reference(rows), column.column)
        np.testing.assert_array_equal(column.counts.reference.n, wanted.n)


def since(rows: pd.DataFrame, moment: str) -> pd.Series:
    return rows["scored_at"] >= pd.Timestamp(moment, tz=ZONE)


def ask(harbour: Harbour, *, role: Role = Role.data_scientist, **question: Any) -> DriftTable:
    return drift(harbour.workspace, Question("loans", **question), actor=harbour[role])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_equals_evaluate_on_the_raw_rows(harbour: Harbour, method: str) -> None:
    table = drift(
        harbour.workspace,
        Question("loans", by="month"),
        actor=harbour[Role.data_scientist],
        methods=[method],
    )
    assert [column.column for column in table.columns] == COLUMNS
    rows = logged_loans(harbour)
    for column in table.columns:
        bins = column.counts.bins
        wanted = evaluate(
            method,
            bins,
            counted(bins, in_reference(rows), column.column),
            counted_chunks(bins, rows, column.column, table.chunks),
        )
        np.testing.assert_allclose(column.result.value, wanted.value, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(column.result.statistic, wanted.statistic, rtol=1e-9)
        np.testing.assert_allclose(column.result.p_value, wanted.p_value, rtol=1e-6, atol=1e-300)
        assert column.result.status.tolist() == wanted.status.tolist()
        assert column.result.n_cur.tolist() == wanted.n_cur.tolist()


def test_kolmogorov_smirnov_is_close_to_scipys_exact_figure(harbour: Harbour) -> None:
    table = drift(
        harbour.workspace,
        Question("loans"),
        actor=harbour[Role.admin],
        methods=["kolmogorov_smirnov"],
        columns=["income", "balance", "years", "score"],
    )
    rows = logged_loans(harbour)
    reference = in_reference(rows)
    for column in table.columns:
        name = SOURCES.get(column.column, column.column)
        for index, month in enumerate(months(rows)):
            exact = ks_2samp(reference[name].dropna(), month[name].dropna()).statistic
            assert column.result.value[index] == pytest.approx(exact, abs=0.005)


def test_the_story_is_seen_where_it_happened(harbour: Harbour) -> None:
    table = ask(harbour)
    income = table.column("income")
    assert first_of_run(income, table.chunks) == pd.Timestamp("2024-09-01", tz=ZONE)
    assert newest_judged(income) == 11
    assert {income.status_at(month) for month in range(3)} == {Status.in_range}
    assert {income.status_at(month) for month in range(8, 12)} == {Status.act}
    assert {table.column("years").status_at(month) for month in range(12)} == {Status.in_range}
    assert [c.column for c in table.inputs] == COLUMNS[:4]
    assert [c.column for c in table.outputs] == COLUMNS[4:]
    with pytest.raises(KeyError):
        table.column("absent")


@pytest.mark.parametrize(
    ("name", "value", "condition"),
    [
        ("sector", "零售", lambda rows: rows["sector"] == "零售"),
        ("sector", "…rest", lambda rows: rows["sector"] == "太空"),
        ("結餘級別", "<3000", lambda rows: rows["balance"] < 3000),
        ("結餘級別", "3000–9000", lambda rows: rows["balance"].between(3000, 9000, "left")),
        ("結餘級別", "≥9000", lambda rows: rows["balance"] >= 9000),
    ],
)
def test_a_slice_counts_its_rows_only(
    harbour: Harbour, name: str, value: str, condition: Callable[[pd.DataFrame], pd.Series]
) -> None:
    table = ask(harbour, slice=f"{name}={value}")
    rows = logged_loans(harbour)
    kept = rows[condition(rows)]
    assert len(kept)
    assert_same_counts(table, kept)
    assert_same_reference(table, kept)


def test_as_of_hides_what_came_later(harbour: Harbour) -> None:
    table = ask(harbour, as_of="2024-06-15")
    rows = logged_loans(harbour)
    assert [chunk.key for chunk in table.chunks][-1] == "2024-06"
    assert_same_counts(table, rows[~since(rows, "2024-06-16")])
    cut = ask(harbour, as_of="2024-06-15T12:00:00+08:00", start="2024-06-01", end="2024-06-30")
    # The row of noon was known at noon.
    assert_same_counts(cut, rows[~since(rows, "2024-06-15 12:00:01")])


def test_a_version_narrows_the_current_rows_and_not_the_reference(harbour: Harbour) -> None:
    table = ask(harbour, version="2", start="2024-06-01", end="2024-08-31")
    rows = logged_loans(harbour)
    assert table.column("income").counts.current_at(0).row_count == 0
    assert_same_counts(table, rows[rows["release"] == "2"])
    assert_same_reference(table, rows)


def test_chunks_of_rows(harbour: Harbour) -> None:
    table = ask(harbour, by="rows:2000")
    ordered = logged_loans(harbour).sort_values("scored_at", kind="stable")
    chunks = [ordered.iloc[start : start + 2000] for start in range(0, len(ordered), 2000)]
    assert len(table.chunks) == len(chunks)
    for column in table.columns:
        for index, rows in enumerate(chunks):
            wanted = counted(column.counts.bins, rows, column.column)
            np.testing.assert_array_equal(column.counts.current_at(index).n, wanted.n)


def test_chunks_of_rows_where_there_are_no_rows(harbour: Harbour) -> None:
    nothing: list[dict[str, Any]] = [
        {"start": "2023-01-01", "end": "2023-02-01"},
        {"slice": "sector=…missing"},
    ]
    for question in nothing:
        table = ask(harbour, by="rows:1000", **question)
        assert table.chunks == ()
        assert [column.column for column in table.columns] == COLUMNS
        assert table.rows() == []
        assert newest_judged(table.columns[0]) is None


def test_exact_counts_and_any_instant_agree_with_days(harbour: Harbour) -> None:
    by_days = ask(harbour)
    exact = drift(
        harbour.workspace, Question("loans"), actor=harbour[Role.data_scientist], exact=True
    )
    for left, right in zip(by_days.columns, exact.columns, strict=True):
        np.testing.assert_array_equal(left.counts.current.n, right.counts.current.n)
    table = ask(harbour, start="2024-05-03T07:30:00+08:00", end="2024-05-03T19:00:00+08:00")
    assert_same_counts(table, logged_loans(harbour))
    assert table.column("income").counts.current_at(0).row_count == 11
    assert table.column("income").status_at(0) is Status.not_enough_data


def test_an_actor_limited_to_a_region_sees_its_rows_only(harbour: Harbour) -> None:
    table = drift(harbour.workspace, Question("loans"), actor=harbour.hong_kong)
    rows = logged_loans(harbour)
    assert_same_counts(table, rows[rows["region"] == "HK"])
    assert_same_reference(table, rows[rows["region"] == "HK"])


def test_a_model_outside_the_scope_does_not_exist(harbour: Harbour) -> None:
    stranger = Actor("u9", "eve", frozenset({Role.admin}), models=frozenset({"tenants"}))
    with pytest.raises(NotFound, match="no model loans"):
        drift(harbour.workspace, Question("loans"), actor=stranger)


# Written out by hand, as in tests/core/auth/test_policy.py.
@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.data_scientist, True),
        (Role.business, False),
        (Role.compliance, True),
        (Role.compliance_lead, True),
        (Role.auditor, True),
        (Role.admin, True),
    ],
)
def test_who_may_ask(harbour: Harbour, role: Role, may: bool) -> None:
    question = Question("loans", by="all")
    if may:
        assert drift(harbour.workspace, question, actor=harbour[role]).columns
        assert slice_questions(harbour.workspace, question, "sector", actor=harbour[role])
        return
    with pytest.raises(Forbidden, match=r"drift\.view"):
        drift(harbour.workspace, question, actor=harbour[role])
    with pytest.raises(Forbidden, match=r"drift\.view"):
        slice_questions(harbour.workspace, question, "sector", actor=harbour[role])


def test_a_segment_becomes_one_question_a_value(harbour: Harbour) -> None:
    actor, rows = harbour[Role.data_scientist], logged_loans(harbour)
    asked = Question("loans", by="all", version="2", slice="sector=飲食")
    found = slice_questions(harbour.workspace, asked, "sector", actor=actor)
    values = [str(question.slice).partition("=")[2] for question in found]
    # By frequency in the reference; then all that it does not have, and the missing.
    frequent = in_reference(rows)["sector"].value_counts().index.tolist()
    assert values == [*frequent, "…rest", "…missing"]
    assert {(q.model, q.by, q.version) for q in found} == {("loans", "all", "2")}
    tables = [drift(harbour.workspace, question, actor=actor) for question in found]
    counts = [int(table.columns[0].counts.current.row_count.sum()) for table in tables]
    second = rows[rows["release"] == "2"]["sector"].value_counts()
    assert counts == [*(second[value] for value in frequent), second["太空"], 0]
    assert {row.slice for row in tables[0].rows()} == {f"sector={frequent[0]}"}
    edges = slice_questions(harbour.workspace, asked, "結餘級別", actor=actor)
    assert [q.slice for q in edges][:3] == [
        "結餘級別=<3000",
        "結餘級別=3000–9000",
        "結餘級別=≥9000",
    ]


def test_a_segment_that_does_not_exist_or_has_no_values_yet(harbour: Harbour) -> None:
    actor = harbour[Role.admin]
    with pytest.raises(InvalidInput, match=r"'colour' is not a slice of loans.*sector, 結餘級別"):
        slice_questions(harbour.workspace, Question("loans"), "colour", actor=actor)
    with pytest.raises(NothingYet, match="20 of 60 days"):
        slice_questions(harbour.workspace, Question("young"), "sector", actor=actor)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"by": "fortnight"}, "not a chunk length"),
        ({"by": "rows:0"}, "not a chunk length"),
        ({"last": "long"}, "not a period"),
        ({"start": "yesterday"}, "neither a date"),
        ({"start": "2024-06-01", "end": "2024-05-01"}, "ends .* before"),
        ({"slice": "sector"}, "not a slice"),
        ({"slice": "colour=red"}, "not a slice"),
    ],
)
def test_what_cannot_be_read_is_refused(
    harbour: Harbour, question: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        drift(harbour.workspace, Question("loans", **question), actor=harbour[Role.admin])


def test_unknown_methods_features_and_values_are_refused(harbour: Harbour) -> None:
    actor = harbour[Role.admin]
    with pytest.raises(InvalidInput, match="no metric called"):
        drift(harbour.workspace, Question("loans"), actor=actor, methods=["distance"])
    with pytest.raises(InvalidInput, match="no feature"):
        drift(harbour.workspace, Question("loans"), actor=actor, columns=["colour"])
    with pytest.raises(NotFound, match="no value"):
        ask(harbour, slice="sector=採礦")


@pytest.mark.parametrize(
    ("model", "message"), [("young", "20 of 60 days"), ("unused", "No predictions")]
)
def test_what_is_missing_is_said(harbour: Harbour, model: str, message: str) -> None:
    with pytest.raises(NothingYet, match=message):
        drift(harbour.workspace, Question(model), actor=harbour[Role.admin])


def test_rows_for_programs_carry_the_figure_and_how_it_stands(harbour: Harbour) -> None:
    table = ask(harbour)
    rows = table.rows()
    assert len(rows) == len(COLUMNS) * 12
    september = next(r for r in rows if r.column == "income" and r.chunk["key"] == "2024-09")
    assert september.alert
    assert september.level == "act"
    assert september.threshold == 0.25
    assert september.value == float(table.column("income").result.value[8])
    assert september.n_reference == 2184
    assert september.bins_id == table.view.bins_id


def test_the_same_question_is_answered_from_memory(harbour: Harbour) -> None:
    assert ask(harbour) is ask(harbour)
    assert ask(harbour) is not ask(harbour, by="year")
