"""The interval of a mean by hand and against scipy."""

import numpy as np
import pytest
from scipy.stats import norm, sem

from core.errors import InvalidInput
from core.metrics.intervals import Interval
from core.metrics.performance.means import mean_interval, within


def test_agrees_with_scipy() -> None:
    rows = np.asarray([1.0, 4.0, 4.0, 7.0])
    found = mean_interval(rows.sum(), (rows**2).sum(), 4, confidence=0.9)
    half = norm.ppf(0.95) * sem(rows)
    assert found.value == 4
    assert found.low == pytest.approx(4 - half)
    assert found.high == pytest.approx(4 + half)


def test_many_at_once_one_row_and_none() -> None:
    found = mean_interval([0, 3, 6, 8], [0, 9, 18, 34], [0, 1, 2, 2])
    assert np.isnan(found.value).tolist() == [True, False, False, False]
    # One row has no limits, nor have two that are both 3; 3 and 5 have.
    assert np.isnan(found.low).tolist() == [True, True, True, False]
    assert np.isnan(found.high).tolist() == [True, True, True, False]
    with pytest.raises(InvalidInput, match="confidence"):
        mean_interval(1, 1, 1, confidence=1)


def test_rounding_makes_no_negative_variance() -> None:
    found = mean_interval(0.3, 0.03 - 1e-18, 3)
    assert found.value == pytest.approx(0.1)
    assert np.isnan([found.low, found.high]).all()


def test_limits_are_cut_off() -> None:
    value, low, high = np.asarray([0.1, 0.9, np.nan]), np.asarray([-1, 0.5, np.nan]), np.ones(3)
    found = within(Interval(value, low, 2 * high, high), 0.0, 1.0)
    np.testing.assert_array_equal(found.low, [0, 0.5, np.nan])
    assert found.high.tolist() == [1, 1, 1]
