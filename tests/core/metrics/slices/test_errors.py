"""Slices of a regression against scikit-learn and scipy on the same rows."""

from dataclasses import fields

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mean_absolute_error

from core.metrics.performance import ErrorSums, error_sums
from core.metrics.slices import compare_errors


def stacked(parts: list[ErrorSums]) -> ErrorSums:
    names = [each.name for each in fields(ErrorSums)]
    return ErrorSums(*(np.asarray([getattr(part, name) for part in parts]) for name in names))


def test_the_mean_absolute_error_and_its_test() -> None:
    draw = np.random.default_rng(8)
    actual = draw.gamma(2, 50, 2_000)
    inside = np.arange(2_000) < 300
    estimate = actual + draw.normal(0, np.where(inside, 14, 10))
    found = compare_errors(
        stacked([error_sums(estimate[inside], actual[inside])]),
        stacked([error_sums(estimate[~inside], actual[~inside])]),
    )["mae"]
    assert found.value.value[0] == pytest.approx(
        mean_absolute_error(actual[inside], estimate[inside])
    )
    assert found.rest.value[0] == pytest.approx(
        mean_absolute_error(actual[~inside], estimate[~inside])
    )
    error = np.abs(estimate - actual)
    theirs = stats.ttest_ind(error[inside], error[~inside], equal_var=False).pvalue
    assert found.p_value[0] == pytest.approx(theirs, rel=1e-6)


def test_a_handful_of_rows_is_not_judged() -> None:
    few, many = error_sums([1.0] * 9, [0.0] * 9), error_sums([0.5] * 50, [0.0] * 50)
    found = compare_errors(stacked([few]), stacked([many]))["mae"]
    assert not found.enough[0]
    assert found.difference.value[0] == pytest.approx(0.5)
