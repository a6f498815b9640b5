"""Length of blocks, what they cannot keep, and the rate that a reference can vouch for."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotComputable
from core.metrics.alarms import Series, attainable_rate, choose_blocks, feature_series
from core.metrics.alarms.blocks import _best_length, _without_weekdays, draw_days
from core.metrics.arrays import Floats
from tests.core.metrics.alarms.days import letters, number_bins, number_days, numbers


def _carried(seed: int, days: int, carry: float, spread: float = 1.0) -> Series:
    """Normal values around a daily mean that follows an AR(1) series."""
    random = np.random.default_rng(seed)
    means: Floats = random.normal(size=days) * spread
    for day in range(1, days):
        means[day] = carry * means[day - 1] + (1 - carry**2) ** 0.5 * means[day]
    values = random.normal(size=(days, 40)) + means[:, None]
    bins = number_bins(values.ravel())
    return feature_series("x", bins, number_days(bins, values))


def test_independent_days_have_blocks_of_a_week() -> None:
    blocks = choose_blocks({"x": numbers("x", 1, days=140)})
    assert blocks.length == 7
    assert blocks.count == 20


def test_days_that_carry_over_have_longer_blocks_of_whole_weeks() -> None:
    blocks = choose_blocks({"x": _carried(2, 300, 0.8)})
    assert blocks.length > 7
    assert blocks.length % 7 == 0


def test_one_series_that_carries_over_lengthens_the_blocks_of_all() -> None:
    alone = choose_blocks({"y": numbers("y", 3, days=300)})
    both = choose_blocks({"y": numbers("y", 3, days=300), "x": _carried(2, 300, 0.8)})
    assert both.length > alone.length


def test_a_weekly_pattern_is_no_dependence() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=(280, 40)) + np.tile([0, 1, 2, 1, 0, -2, -2], 40)[:, None]
    bins = number_bins(values.ravel())
    assert choose_blocks({"x": feature_series("x", bins, number_days(bins, values))}).wanted < 7


def test_a_short_reference_has_short_blocks() -> None:
    assert choose_blocks({"x": letters("x", 1, days=24)}).length <= 24 // 4


def test_a_reference_of_three_days_is_refused() -> None:
    with pytest.raises(NotComputable):
        choose_blocks({"x": letters("x", 1, days=3)})
    with pytest.raises(NotComputable):
        choose_blocks({"x": letters("x", 1, days=20)}, length=6)


def test_series_of_other_days_are_refused() -> None:
    with pytest.raises(InvalidInput):
        choose_blocks({"x": letters("x", 1, days=30), "y": letters("y", 1, days=31)})


def test_independent_blocks_understate_the_variance_by_one_block() -> None:
    # Without dependence 20 blocks vary around their own mean by 19/20 of the true variance.
    blocks = choose_blocks({"x": letters("x", 8, days=140)}, length=7)
    assert blocks.cumulated["x"][:3] == (1.0, 1.0, 1.0)
    assert blocks.inflation("x", 30) == pytest.approx(20 / 19)


def test_what_blocks_forget_is_near_the_truth_of_a_series_that_carries_over() -> None:
    # AR(1): M · Var(mean of M) = (1 + c)/(1 - c) - 2c(1 - c^M)/(M(1 - c)²) daily variances.
    def truth(days: int, carry: float = 0.6) -> float:
        tail = 2 * carry * (1 - carry**days) / (days * (1 - carry) ** 2)
        return (1 + carry) / (1 - carry) - tail

    found = [
        choose_blocks({"x": _carried(seed, 600, 0.6, spread=3.0)}, length=7).cumulated["x"]
        for seed in range(10)
    ]
    ratio = np.mean([table[29] / table[6] for table in found])
    assert ratio == pytest.approx(truth(30) / truth(7), rel=0.15)


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 12))
def test_drawn_days_run_on_within_a_block(days: int, wanted: int, length: int) -> None:
    drawn = draw_days(np.random.default_rng(1), 3, wanted, days, length)
    assert drawn.shape == (3, wanted)
    assert ((drawn >= 0) & (drawn < days)).all()
    inside = np.arange(1, wanted) % length != 0
    assert (((drawn[:, 1:] - drawn[:, :-1]) % days == 1 % days) | ~inside).all()


def test_the_attainable_rate_by_hand() -> None:
    # Four reference blocks and four current ones: 8!/(4! 4!) = 70 ways to tell them apart.
    assert attainable_rate(4, 4, 999) == pytest.approx(1 / 70)
    assert attainable_rate(4, 0, 999) == pytest.approx(1 / 5)
    assert attainable_rate(52, 4, 99) == pytest.approx(1 / 100)


@given(st.integers(1, 60), st.integers(1, 8))
def test_a_longer_reference_can_vouch_for_a_smaller_rate(blocks: int, current: int) -> None:
    rate = attainable_rate(blocks, current, 10**9)
    assert attainable_rate(blocks + 1, current, 10**9) <= rate
    assert rate == max(1 / (10**9 + 1), 1 / comb(blocks + current, current))


def test_the_length_of_blocks_by_hand() -> None:
    """Politis and White (2004), with the correction of 2009, for the circular bootstrap."""
    # G = 2 (1 · 0.5 + 2 · 0.25) = 2, g(0) = 1 + 2 (0.5 + 0.25) = 2.5.
    found = _best_length(np.array([1.0, 0.5, 0.25]), 1000)
    assert found == pytest.approx((2 * 2**2 / (4 / 3 * 2.5**2) * 1000) ** (1 / 3))


def test_days_without_a_figure_do_not_deviate() -> None:
    found = _without_weekdays(np.array([1.0, np.nan, 3.0]))
    np.testing.assert_array_equal(found, [-1.0, 0.0, 1.0])
