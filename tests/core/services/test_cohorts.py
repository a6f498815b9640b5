"""Cohorts against pandas, scikit-learn and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import InvalidInput, NotFound, NothingYet
from core.services.cohorts import CohortTable, cohort_table
from core.services.performance import performance
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import ZONE, Harbour


def ask(harbour: Harbour, question: Question) -> CohortTable:
    return cohort_table(harbour.workspace, question, actor=harbour[Role.business])


def known_rows(harbour: Harbour, table: CohortTable) -> pd.DataFrame:
    """Return the rows with what was known of them at the table's as-of time."""
    rows, known = logged_loans(harbour), harbour.outcomes
    known = known[known["observed_at"] <= table.view.as_of]
    rows = rows[rows["scored_at"] <= table.view.as_of].merge(known, on="loan_id", how="left")
    return rows.assign(mature=rows["scored_at"] <= table.matured_before)


@pytest.mark.parametrize(
    "question",
    [
        Question("loans", by="month"),
        Question("loans", by="year"),
        Question("loans", by="month", as_of="2024-10-15"),
        Question("loans", by="quarter", version="2"),
    ],
)
def test_every_figure_equals_a_second_route(harbour: Harbour, question: Question) -> None:
    table = ask(harbour, question)
    rows = known_rows(harbour, table)
    if question.version:
        rows = rows[rows["release"] == question.version]
    assert sum(cohort.n for cohort in table.cohorts) == len(rows)
    for cohort in table.cohorts:
        inside = rows["scored_at"].between(cohort.period.start, cohort.period.end, inclusive="left")
        part = rows[inside]
        final = part[part["mature"] & part["defaulted"].notna()]
        assert cohort.n == len(part)
        assert cohort.mean_score == pytest.approx(part["score"].mean())
        assert cohort.median_amount == pytest.approx(part["amount"].median())
        assert cohort.matured == part["mature"].sum()
        assert cohort.matured_share == pytest.approx(part["mature"].mean())
        assert (cohort.labelled, cohort.positives) == (len(final), final["defaulted"].sum())
        assert cohort.early_labels == part.loc[~part["mature"], "defaulted"].notna().sum()
        assert (cohort.status is Status.not_enough_data) or part["mature"].all()
        if final.empty:
            assert np.isnan([cohort.outcome_rate, cohort.ratio, cohort.roc_auc]).all()
            assert cohort.outcome_interval is None
            assert cohort.auc_interval is None
            assert cohort.status is Status.not_enough_data
            continue
        rate = final["defaulted"].mean()
        assert cohort.outcome_rate == pytest.approx(rate)
        assert (cohort.observed, cohort.expected) == pytest.approx((rate, final["score"].mean()))
        assert cohort.ratio == pytest.approx(rate / final["score"].mean())
        assert cohort.roc_auc == pytest.approx(roc_auc_score(final["defaulted"], final["score"]))
        wilson = binomtest(cohort.positives, cohort.labelled).proportion_ci(method="wilson")
        assert cohort.outcome_interval is not None
        assert cohort.outcome_interval.low == pytest.approx(wilson.low)
        assert cohort.outcome_interval.high == pytest.approx(wilson.high)
        assert cohort.auc_interval is not None
        assert cohort.auc_interval.low < cohort.roc_auc < cohort.auc_interval.high


def test_maturity_is_whole_partial_or_none(harbour: Harbour) -> None:
    # Three months before the end of 15 October is 15 July.
    table = ask(harbour, Question("loans", as_of="2024-10-15"))
    local = pd.Timestamp(table.matured_before).tz_convert(ZONE)
    assert local.strftime("%Y-%m-%d") == "2024-07-15"
    maturity = [cohort.maturity for cohort in table.cohorts]
    page = performance(harbour.workspace, table.view.question, actor=harbour[Role.data_scientist])
    assert maturity == [each.state for each in page.maturity]  # one meaning on every page
    assert maturity[:7] == ["matured"] * 6 + ["partial"]


def test_the_newest_cohort_is_matured_and_complete(harbour: Harbour) -> None:
    # Of the quarter that began in July, two weeks are mature: it is not judged.
    table = ask(harbour, Question("loans", by="quarter", as_of="2024-10-15"))
    assert [each.maturity for each in table.cohorts][:3] == ["matured", "matured", "partial"]
    assert table.cohorts[2].labelled > 200
    assert table.cohorts[2].status is Status.not_enough_data
    assert table.newest_matured is not None
    assert table.newest_matured.period.key == "2024-Q2"


def test_worst_and_newest(harbour: Harbour) -> None:
    table = ask(harbour, Question("loans"))
    assert table.worst is not None
    assert table.worst.ratio == max(c.ratio for c in table.cohorts if c.labelled)
    assert table.worst.status is Status.act
    assert table.newest_matured is not None
    assert table.newest_matured.period.key == "2024-09"


def test_a_model_without_outcomes_has_scores_only(harbour: Harbour) -> None:
    table = ask(harbour, Question("tenants"))
    assert [cohort.n for cohort in table.cohorts] == [744, 696, 744]
    means = harbour.tenants.groupby(harbour.tenants["scored_at"].dt.tz_convert(ZONE).dt.month)[
        "score"
    ].mean()
    np.testing.assert_allclose([cohort.mean_score for cohort in table.cohorts], means)
    assert {cohort.labelled for cohort in table.cohorts} == {0}
    assert table.worst is None
    assert table.newest_matured is None


def test_chunks_of_rows_are_no_cohorts(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="Choose day, week, month, quarter, year or all"):
        ask(harbour, Question("loans", by="rows:500"))


def test_one_region_and_scopes(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    table = cohort_table(harbour.workspace, Question("loans", by="all"), actor=harbour.hong_kong)
    assert table.cohorts[0].n == (rows["region"] == "HK").sum()
    limited = Actor("u", "u", frozenset({Role.business}), models=frozenset({"tenants"}))
    with pytest.raises(NotFound):
        cohort_table(harbour.workspace, Question("loans"), actor=limited)
    with pytest.raises(NothingYet):
        ask(harbour, Question("unused"))
