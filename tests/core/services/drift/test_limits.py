"""Thresholds of drift by column: numbers that were chosen, or the reference's own periods."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.contract import Threshold
from core.domain.identity import Permission, Role
from core.metrics.alarms import ThresholdKind
from core.metrics.drift import psi
from core.metrics.drift.groups import group_counts
from core.services.drift.limits import DriftLimits, limits_of
from core.services.drift.measure import drift
from core.services.drift_alarms.judged import reference_series
from core.services.questions import Question, View, resolve
from tests.support.harbour import Harbour


def view_with(harbour: Harbour, by: str, **thresholds: Any) -> View:
    question = Question("loans", by=by)
    actor = harbour[Role.data_scientist]
    view = resolve(harbour.workspace, question, Permission.drift_view, actor=actor)
    own = {name: Threshold.model_validate(each) for name, each in thresholds.items()}
    return replace(view, contract=view.contract.model_copy(update={"thresholds": own}))


def limits(harbour: Harbour, by: str, column: str, **thresholds: Any) -> DriftLimits:
    return limits_of(harbour.workspace, view_with(harbour, by, **thresholds), "psi", column)


def test_without_a_threshold_the_metrics_own_hold(harbour: Harbour) -> None:
    found = limits(harbour, "month", "income")
    assert found == DriftLimits(ThresholdKind.constant, None, None, None)


def test_a_column_may_have_numbers_of_its_own(harbour: Harbour) -> None:
    own = {"act": 0.3, "minimum_n": 90, "columns": {"income": {"act": 0.4}}}
    assert limits(harbour, "month", "income", psi=own).act == 0.4
    found = limits(harbour, "month", "years", psi=own)
    assert (found.act, found.minimum_n, found.expected_rate) == (0.3, 90, None)


def test_deviations_by_hand(harbour: Harbour) -> None:
    # psi of each week of the reference against the other days, its mean and its sd with C - 1.
    view = view_with(harbour, "week", psi={"deviations": 2.5})
    series = reference_series(harbour.workspace, view)[1]["income"]
    n, bins = series.counts.n, series.bins
    assert bins is not None
    figures = [
        float(
            psi(
                group_counts(bins, n.sum(axis=0) - n[day : day + 7].sum(axis=0)),
                group_counts(bins, n[day : day + 7].sum(axis=0)),
            )
        )
        for day in range(0, len(n) - 6, 7)
    ]
    found = limits_of(harbour.workspace, view, "psi", "income")
    expected = np.mean(figures) + 2.5 * np.std(figures, ddof=1)
    assert found.kind is ThresholdKind.deviations
    assert found.watch == found.act == pytest.approx(expected)
    assert 0 < (found.expected_rate or 0) < 0.1


def test_where_there_are_no_periods_numbers_hold(harbour: Harbour) -> None:
    # The reference is shorter than three years, and runs of rows are no periods.
    for by in ("year", "all", "rows:500"):
        found = limits(harbour, by, "income", psi={"deviations": 3})
        assert (found.kind, found.act) == (ThresholdKind.constant, None)


def test_a_drift_table_says_where_its_thresholds_come_from(harbour: Harbour) -> None:
    table = drift(
        harbour.workspace, Question("loans", by="month"), actor=harbour[Role.data_scientist],
        columns=["income"],
    )  # fmt: skip
    assert table.columns[0].limits.kind is ThresholdKind.constant
    assert table.columns[0].result.act == 0.25
