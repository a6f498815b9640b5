"""Shares and means of slices against scipy and published figures."""

import numpy as np
import pytest
from scipy import stats

from core.metrics.slices import compare_means, compare_shares
from core.metrics.slices.comparison import MeanSums


def of(*values: float) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray([value], dtype=float) for value in values)


def test_the_interval_is_newcombes() -> None:
    # Newcombe (1998), table II, method 10: 56 of 70 against 48 of 80.
    found = compare_shares(*of(56, 70, 48, 80))
    assert found.difference.value[0] == pytest.approx(0.2)
    assert found.difference.low[0] == pytest.approx(0.0524, abs=5e-5)
    assert found.difference.high[0] == pytest.approx(0.3339, abs=5e-5)
    assert found.difference.n[0] == 70


@pytest.mark.parametrize(
    "table", [(56, 70, 48, 80), (30, 200, 900, 9_000), (12, 150, 4_000, 20_000), (90, 300, 90, 400)]
)
def test_p_values_are_near_those_of_fishers_test(table: tuple[int, int, int, int]) -> None:
    hits, rows, others, rest = table
    chance = stats.hypergeom(rows + rest, hits + others, rows)
    exact = min(2 * min(chance.sf(hits - 1), chance.cdf(hits)), 1.0)
    assert compare_shares(*of(*table)).p_value[0] == pytest.approx(exact, rel=0.35)


def test_too_few_to_expect_ten_of_each_is_not_judged() -> None:
    found = compare_shares(*of(30, 150, 400, 9_000))  # 430 of 9,150: seven of 150
    assert not found.enough[0]
    assert np.isnan(found.p_value[0])
    assert found.difference.value[0] == pytest.approx(0.2 - 400 / 9_000)


def test_a_slice_of_everything_has_nothing_beside_it() -> None:
    found = compare_shares(*of(30, 150, 0, 0))
    assert np.isnan(found.difference.value[0])
    assert not found.enough[0]


def sums(values: np.ndarray) -> MeanSums:
    return MeanSums(*of(values.sum(), (values**2).sum(), values.size))


def test_means_are_welchs_of_scipy() -> None:
    draw = np.random.default_rng(3)
    wide, narrow = draw.normal(1.4, 3, 120), draw.normal(1.0, 1, 900)
    found = compare_means(sums(wide), sums(narrow), np.asarray([True]))
    theirs = stats.ttest_ind(wide, narrow, equal_var=False)
    assert found.p_value[0] == pytest.approx(theirs.pvalue, rel=1e-9)
    # Both intervals put together: without the degrees of freedom it is the normal one.
    reach = found.difference.high[0] - found.difference.value[0]
    assert reach == pytest.approx(
        1.959964 * np.sqrt(wide.var(ddof=1) / 120 + narrow.var(ddof=1) / 900), rel=1e-6
    )


def test_a_slice_that_seems_without_spread_is_given_that_of_all_rows() -> None:
    draw = np.random.default_rng(4)
    rest = np.where(draw.random(5_000) < 0.02, 1.0, 0.0)
    found = compare_means(sums(np.zeros(120)), sums(rest), np.asarray([True]))
    assert found.p_value[0] > 0.05  # with the variance 0 it would be nearly 0
