"""The record of forecasts: misses, widening, coverage and the simple peers, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.arrays import Floats
from core.metrics.forecast import (
    NEEDED,
    WARM_UP,
    Backtest,
    OpenPeriod,
    PastPeriod,
    backtest,
    no_better_than,
    widening,
)

NAN = math.nan
# Weeks of 26 or 30 in two: bands of two weeks reach from 26 to 30 around 28, half-width 2.
WEEKS = np.array([[1.0, 2, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 2, 2]])[:, :, None]


def total(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0], dtype=np.float64)


def past(end: float, *, known: float = 10, before: float = NAN, days: int = 19) -> PastPeriod:
    """Return a period of which 14 days were left; expected are ``known + 28``."""
    then = OpenPeriod(np.array([known]), WEEKS, 14)
    return PastPeriod(then, np.array([end]), np.array([before]), days)


def test_a_miss_is_counted_in_half_widths_of_the_band() -> None:
    found = backtest([past(38), past(40), past(37), past(44)], total)
    assert list(found.misses) == [0, 1, 0.5, 3]
    assert (found.checked, found.held) == (0, 0)


def test_each_band_is_as_wide_as_the_periods_before_it_say() -> None:
    # Four to learn from: misses 0, 1, 2, 3, of which ceil(.8 * 5) = 4 must be held: 3 times as
    # wide, 6 on either side. 43 lies in it; then ceil(.8 * 6) = 5 of five are held, 3 still; 45
    # lies outside; then ceil(.8 * 7) = 6 of six, 3.5, so 45 would be held.
    ends = [38, 40, 42, 44, 43, 45, 45]
    found = backtest([past(each) for each in ends], total)
    assert list(found.misses) == [0, 1, 2, 3, 2.5, 3.5, 3.5]
    assert (found.checked, found.held) == (3, 2)


@pytest.mark.parametrize(
    ("misses", "factor"),
    [
        ([], 1),
        ([5, 5, 5], 1),  # ceil(.8 * 4) = 4 of three: nobody knows
        ([5, 1, 2, 3], 5),
        ([0.1] * 20, 1),  # never narrower than the draws
        ([*range(1, 10)], 8),  # ceil(.8 * 10) = 8
        ([1] * 9 + [math.inf] * 3, math.inf),  # ceil(.8 * 13) = 11 of twelve
    ],
)
def test_a_band_is_widened_by_the_conformal_quantile(misses: list[float], factor: float) -> None:
    assert widening(misses) == factor


def test_what_has_no_width_misses_by_everything_or_nothing() -> None:
    still = OpenPeriod(np.array([10.0]), np.zeros((2, 7, 1)), 14)
    ends = [PastPeriod(still, np.array([end]), np.array([1.0]), 28) for end in (10.0, 11.0)]
    assert backtest(ends, total).misses == (0, math.inf)


def test_errors_of_the_forecast_and_of_two_simpler_ways() -> None:
    # Expected 38; at the pace of the 5 days that were over, 10 / 5 * 19 = 38 as well. The first
    # has no period before it, so that the three cannot be compared there.
    found = backtest([past(50), past(40, before=50), past(39, before=40)], total)
    assert found.error == pytest.approx((2 + 1) / 2)
    assert found.error_of_pace == pytest.approx((2 + 1) / 2)
    assert found.error_of_last == pytest.approx((10 + 1) / 2)
    assert no_better_than(found) == "pace"


def test_a_period_without_a_figure_is_left_out() -> None:
    assert backtest([past(NAN), past(38)], total).misses == (0,)


def test_without_a_day_that_was_over_there_is_no_pace() -> None:
    found = backtest([past(38, known=0, before=38, days=14)], total)
    assert math.isnan(found.error)
    assert len(found.misses) == 1
    assert not no_better_than(found)


@pytest.mark.parametrize(
    ("errors", "said"), [((1, 2, 3), ""), ((2, 2, 3), "last"), ((2, 2.5, 1), "pace")]
)
def test_the_nearer_of_the_simpler_ways_is_named(
    errors: tuple[float, float, float], said: str
) -> None:
    assert no_better_than(Backtest((), 0, 0, *errors)) == said


@given(st.lists(st.floats(0, 100), min_size=NEEDED, max_size=40))
def test_the_widened_band_would_have_held_four_of_five(misses: list[float]) -> None:
    factor = widening(misses)
    assert sum(each <= factor for each in misses) >= 0.8 * len(misses)


def test_bands_of_alike_periods_hold_about_four_of_five() -> None:
    # 400 periods of Poisson days, forecast from 13 weeks of the same: what is promised is held.
    draw = np.random.default_rng(5)
    periods = []
    for _ in range(400):
        weeks = draw.poisson(20, (13, 7, 1)).astype(float)
        known, rest = draw.poisson(20 * 16), draw.poisson(20 * 14)
        then = OpenPeriod(np.array([float(known)]), weeks, 14)
        periods.append(PastPeriod(then, np.array([float(known + rest)]), np.array([NAN]), 30))
    found = backtest(periods, total)
    assert found.checked == 400 - WARM_UP
    assert 0.75 <= found.held / found.checked <= 0.87
