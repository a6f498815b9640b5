"""Where ticks stand: round values, few of them, within the ends of the axis."""

import math
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from app.charts.ticks import round_step, round_ticks, short_ticks

VALUES = st.floats(-1e9, 1e9).map(lambda value: round(value, 3))


def test_steps_are_round_and_few() -> None:
    assert [round_step(span) for span in (1, 6, 10, 13, 60, 0.07)] == [0.2, 1, 2, 2, 10, 0.02]


def test_ticks_of_an_axis_around_zero() -> None:
    assert round_ticks(-0.9, 2.2) == [-0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    assert round_ticks(0.0, 1.0) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert round_ticks(0.1, 0.9, 0.25) == [0.25, 0.5, 0.75]


@given(VALUES, VALUES)
def test_they_lie_within_the_ends_and_a_step_apart(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    assume(high - low > 1e-3)
    step, ticks = round_step(high - low), round_ticks(low, high)
    assert 3 <= len(ticks) <= 8
    assert low - step * 1e-6 <= ticks[0] <= ticks[-1] <= high + step * 1e-6
    assert all(math.isclose(b - a, step, rel_tol=1e-6) for a, b in pairwise(ticks))


def test_percentages_lose_a_decimal_that_none_of_them_needs() -> None:
    assert short_ticks(["0.0%", "50.0%"]) == ["0%", "50%"]
    assert short_ticks(["0.0%", "2.5%"]) == ["0.0%", "2.5%"]
