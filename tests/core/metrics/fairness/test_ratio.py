"""The ratio of two shares against statsmodels, and where that has no answer, by reasoning."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.fairness import koopman
from tests.conformance.peers import peer

PROPORTION = peer("statsmodels.stats.proportion")
COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("x", "n", "y", "m"),
    [(218, 308, 1527, 1681), (31, 40, 36, 40), (1, 400, 3, 5000), (5, 30, 20, 30), (90, 99, 7, 70)],
)
def test_limits_equal_statsmodels(x: int, n: int, y: int, m: int) -> None:
    for confidence in (0.9, 0.95, 0.999):
        theirs = PROPORTION.confint_proportions_2indep(
            x, n, y, m, method="score", compare="ratio", alpha=1 - confidence, correction=False
        )
        ours = koopman(x, n, y, m, confidence=confidence)
        assert (ours.low, ours.high) == pytest.approx(theirs, rel=1e-6)


def test_all_of_both_or_none_of_one_has_limits() -> None:
    every = koopman(30, 30, 30, 30, confidence=0.95)
    # At the limit 1 - p̃ = z² / (n + z²) of the group that lost: 30 / (30 + 3.8415) = 0.8865.
    assert every.low == pytest.approx(30 / (30 + 1.959964**2), abs=1e-6)
    assert every.high == pytest.approx(1 / every.low)
    none = koopman(0, 30, 30, 30, confidence=0.95)
    assert none.value == 0
    assert none.low == 0
    assert 0.05 < none.high < 0.2


def test_a_ratio_to_nothing_is_not_known() -> None:
    found = koopman([3, 0, 5], [10, 10, 0], [0, 0, 4], [10, 10, 10], confidence=0.95)
    assert np.isnan([found.value, found.low, found.high]).all()


@given(one=COUNTS, other=COUNTS.filter(lambda drawn: drawn[0] > 0))
def test_limits_lie_around_the_ratio_and_turn_with_it(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = koopman(*one, *other, confidence=0.95)
    assert found.low <= found.value * (1 + 1e-9) + 1e-12
    assert found.value <= found.high * (1 + 1e-9)
    assert found.low < found.high < math.inf
    if one[0]:
        turned = koopman(*other, *one, confidence=0.95)
        assert turned.low == pytest.approx(1 / found.high, rel=1e-6)
