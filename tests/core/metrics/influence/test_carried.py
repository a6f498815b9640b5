"""Values carried over by ratio, by hand and against a bootstrap of the earlier rows."""

import numpy as np
import pytest

from core.metrics.influence import carried_over, less, plus, worth_of
from core.metrics.intervals import Interval


def test_by_hand() -> None:
    # Band 0 earns 0.1 a unit of amount, band 1 loses 0.2.
    earlier = worth_of([100, 300, 200], [10, 30, -40], [0, 0, 1], 2)
    found = carried_over(earlier, [1000, 500])
    assert found.value == pytest.approx(1000 * 0.1 - 500 * 0.2)
    assert found.n == 3
    assert np.isnan(found.low)  # one row tells nothing of how its band scatters


def test_a_band_without_earlier_rows_is_unknown() -> None:
    earlier = worth_of([100, 300], [10, 30], [0, 0], 2)
    assert np.isnan(carried_over(earlier, [0, 5]).value)
    assert carried_over(earlier, [5, 0]).value == pytest.approx(0.5)


def test_the_interval_is_that_of_a_bootstrap() -> None:
    draw = np.random.default_rng(7)
    group = draw.integers(0, 3, 900)
    weight = draw.lognormal(3, 0.5, 900)
    value = weight * (0.05 - 0.04 * group) + draw.normal(0, 1, 900)
    further = [4000.0, 3000.0, 5000.0]
    found = carried_over(worth_of(weight, value, group, 3), further)
    again = []
    for _ in range(2000):
        rows = draw.integers(0, 900, 900)
        earlier = worth_of(weight[rows], value[rows], group[rows], 3)
        again.append(float(carried_over(earlier, further).value))
    assert float(found.high - found.low) / 2 == pytest.approx(1.96 * np.std(again), rel=0.08)


def test_the_scatter_of_further_rows_is_in_the_interval_asked_for() -> None:
    """One loan of 100 beside thousands of earlier ones: its own scatter is all there is."""
    draw = np.random.default_rng(8)
    weight = draw.lognormal(3, 0.5, 40_000)
    value = weight * np.where(draw.uniform(size=40_000) < 0.1, -0.6, 0.04)
    earlier = worth_of(weight, value, np.zeros(40_000), 1)
    mean, further = carried_over(earlier, [300.0]), carried_over(earlier, [300.0], scatter=[3e4])
    assert further.value == mean.value
    # Three loans of 100, each -0.6 or 0.04 of its amount: the standard deviation of a Bernoulli.
    by_hand = 1.96 * 0.64 * np.sqrt(0.1 * 0.9) * 100 * np.sqrt(3)
    assert float(further.high - further.value) == pytest.approx(by_hand, rel=0.03)
    assert float(mean.high - mean.value) < by_hand / 20


def test_pooled_is_one_group() -> None:
    worth = worth_of([1, 2, 3], [3, 2, 1], [0, 1, 1], 2)
    assert carried_over(worth.pooled(), [6]).value == pytest.approx(6.0)


def test_independent_figures_add_up_as_squares() -> None:
    one, two = (
        Interval(*(np.asarray(part, dtype=float) for part in parts))
        for parts in ((10, 7, 13, 5), (4, 0, 8, 6))
    )
    apart, both = less(one, two), plus(one, two)
    assert [apart.value, apart.low, apart.high, apart.n] == [6, 1, 11, 11]  # 3² + 4² = 5²
    assert [both.value, both.low, both.high] == [14, 9, 19]
