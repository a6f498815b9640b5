"""Welch's interval, against scipy."""

import numpy as np
import pytest
from scipy import stats

from core.metrics.influence import welch


def sums(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float, float]:
    return float(values.size), float(values.sum()), float((values**2).sum())


@pytest.mark.parametrize(("n", "m"), [(400, 40), (5, 3)])
def test_it_is_that_of_scipy(n: int, m: int) -> None:
    draw = np.random.default_rng(6)
    x, y = draw.normal(3, 1, n), draw.normal(2, 4, m)
    expected = stats.ttest_ind(x, y, equal_var=False).confidence_interval(0.95)
    found = welch(sums(x), sums(y))
    assert found.value == pytest.approx(x.mean() - y.mean())
    assert [found.low, found.high] == pytest.approx([expected.low, expected.high])
    assert found.n == n + m


def test_a_group_of_one_row_has_no_limits() -> None:
    found = welch((1, 2.0, 4.0), (10, 10.0, 20.0))
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()


def test_no_rows_say_nothing() -> None:
    assert np.isnan(welch((0, 0.0, 0.0), (10, 10.0, 20.0)).value)
