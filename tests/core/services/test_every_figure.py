"""What holds for every figure of a log as a whole, whatever the period, version and moment asked.

Each lies in the range that the registry states, and what the months say adds up to what the whole
period says. The last test is the completeness of this file and its neighbour of the metrics.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.identity import Role
from core.errors import NothingYet
from core.metrics.arrays import Floats
from core.metrics.registry import METRICS
from core.services.cohorts import CohortTable, cohort_table
from core.services.operations import Operations, operations
from core.services.quality import quality
from core.services.questions import Question
from tests.core.metrics.test_every_metric import FIGURES
from tests.support.harbour import Harbour

DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))
PERIODS = st.tuples(DAYS, st.integers(0, 300)).map(
    lambda drawn: (drawn[0], min(drawn[0] + timedelta(days=drawn[1]), date(2024, 12, 31)))
)
VERSIONS = st.sampled_from([None, "1", "2"])

asked = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def questions(
    period: tuple[date, date], version: str | None, as_of: date | None = None
) -> tuple[Question, Question]:
    """Return the question by month, and for the period as a whole."""
    start, end = (day.isoformat() for day in period)
    known = None if as_of is None else as_of.isoformat()
    by_month, whole = (
        Question("loans", start=start, end=end, by=grain, version=version, as_of=known)
        for grain in ("month", "all")
    )
    return by_month, whole


def in_range(figures: Mapping[str, Floats]) -> None:
    for name, values in figures.items():
        if name not in METRICS:
            continue
        low, high = METRICS[name].range
        known = np.asarray(values, dtype=np.float64)
        known = known[~np.isnan(known)]
        assert np.all((known >= low) & (known <= high)), (name, known)


def weighted(values: Floats, rows: Floats) -> float:
    return float(np.nansum(values * rows) / rows.sum()) if rows.sum() else float("nan")


def of_operations(found: Operations) -> Mapping[str, Floats]:
    return {**found.figures(), "volume": found.rows}


@given(period=PERIODS, version=VERSIONS)
@asked
def test_operations(harbour: Harbour, period: tuple[date, date], version: str | None) -> None:
    months, whole = (
        operations(harbour.workspace, each, actor=harbour[Role.business])
        for each in questions(period, version)
    )
    for found in (months, whole):
        in_range(of_operations(found))
    assert months.rows.sum() == whole.rows.sum()
    assert months.errors.sum() == whole.errors.sum()
    np.testing.assert_allclose(
        weighted(months.error_rate, months.rows), whole.error_rate[0], rtol=1e-12
    )
    known = months.availability[~np.isnan(months.availability)]
    if known.size:
        assert known.min() <= whole.availability[0] <= known.max()


@given(period=PERIODS, version=VERSIONS)
@asked
def test_quality(harbour: Harbour, period: tuple[date, date], version: str | None) -> None:
    months, whole = (
        quality(harbour.workspace, each, actor=harbour[Role.data_scientist])
        for each in questions(period, version)
    )
    figures = {name: np.asarray(value) for name, (value, _) in whole.whole_log().items()}
    assert figures.keys() == {"freshness", "type_error_share", "duplicate_share"}
    in_range(figures)
    for part, column in zip(months.columns, whole.columns, strict=True):
        assert part.current.rows.sum() == column.current.rows.sum()
        np.testing.assert_allclose(
            weighted(part.share("missing_share"), part.current.rows),
            column.share("missing_share")[0],
            rtol=1e-12,
        )


def of_cohorts(table: CohortTable) -> Mapping[str, Floats]:
    return {
        name: np.asarray([getattr(cohort, field) for cohort in table.cohorts])
        for name, field in {
            "outcome_rate": "outcome_rate",
            "mean_score": "mean_score",
            "outcome_to_score_ratio": "ratio",
            "label_maturity": "matured_share",
            "roc_auc": "roc_auc",
        }.items()
    }


@given(period=PERIODS, version=VERSIONS, as_of=st.one_of(st.none(), DAYS))
@asked
def test_cohorts(
    harbour: Harbour, period: tuple[date, date], version: str | None, as_of: date | None
) -> None:
    try:
        months, whole = (
            cohort_table(harbour.workspace, each, actor=harbour[Role.business])
            for each in questions(period, version, as_of)
        )
    except NothingYet:
        return  # as of a day before the first prediction
    for table in (months, whole):
        in_range(of_cohorts(table))
    for count in ("n", "matured", "labelled", "positives", "early_labels"):
        parts = [getattr(cohort, count) for cohort in months.cohorts]
        assert sum(parts) == sum(getattr(cohort, count) for cohort in whole.cohorts)
    if whole.cohorts:
        rows = np.asarray([float(cohort.n) for cohort in months.cohorts])
        means = np.asarray([cohort.mean_score for cohort in months.cohorts])
        assert weighted(means, rows) == pytest.approx(whole.cohorts[0].mean_score, rel=1e-12)


def test_no_metric_is_without_such_a_test() -> None:
    of_the_log = {
        "volume",
        "error_rate",
        "availability",
        "freshness",
        "type_error_share",
        "duplicate_share",
        "outcome_rate",
        "mean_score",
        "outcome_to_score_ratio",
        "label_maturity",
    }
    # Drawn over seeds in tests/core/metrics/multivariate: each fits a model.
    of_all_inputs = {"pca_reconstruction_error", "domain_classifier_auc"}
    # With their invariants in tests/core/metrics/influence: sums and ranks of what decisions earn.
    of_decisions = {"value_over_baseline", "score_rank_correlation"}
    known = of_the_log | of_all_inputs | of_decisions | FIGURES.keys()
    assert known == METRICS.keys()
