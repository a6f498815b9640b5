"""The shift of normal scores: by hand, against scipy's ranks and quantiles, and its invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from core.metrics.drift.normal_scores import normal_score_shift


def test_by_hand() -> None:
    # Ranks 1, 2, 3 of three rows have the scores -0.6745, 0, 0.6745; one of four moves up.
    found = normal_score_shift(np.array([1.0, 1, 1]), np.array([1.0, 1, 2]))
    assert found == pytest.approx(0.6744898 / 4)


def test_against_scipy() -> None:
    # Each value its own bin: scipy's average ranks among the reference, and the normal's quantiles.
    random = np.random.default_rng(1)
    values = random.integers(0, 30, 500)
    other = random.integers(5, 30, 200)
    before = np.bincount(values, minlength=30).astype(float)
    after = np.bincount(other, minlength=30).astype(float)
    scores = norm.ppf(rankdata(values) / (values.size + 1))
    of_value = {value: scores[values == value][0] for value in np.unique(values)}
    expected = np.mean([of_value[value] for value in other]) - scores.mean()
    assert normal_score_shift(before, after) == pytest.approx(expected)


def test_normal_values_moved_by_a_tenth_have_moved_by_a_tenth() -> None:
    edges = norm.ppf(np.linspace(0, 1, 401))
    before = np.diff(norm.cdf(edges)) * 1e6
    for shift in (-0.2, 0.1, 0.3):
        after = np.diff(norm.cdf(edges - shift)) * 1e6
        assert normal_score_shift(before, after) == pytest.approx(shift, abs=0.003)


COUNTS = st.lists(st.integers(0, 50), min_size=6, max_size=6).filter(any)


@given(COUNTS, COUNTS)
def test_turning_the_order_turns_the_sign(before: list[int], after: list[int]) -> None:
    one, two = np.array(before, float), np.array(after, float)
    assert normal_score_shift(one[::-1], two[::-1]) == pytest.approx(-normal_score_shift(one, two))


@given(COUNTS, st.integers(1, 9))
def test_the_same_shares_have_not_moved(before: list[int], times: int) -> None:
    one = np.array(before, float)
    assert normal_score_shift(one, one * times) == pytest.approx(0.0, abs=1e-12)


def test_a_side_without_rows_has_none() -> None:
    assert np.isnan(normal_score_shift(np.ones(3), np.zeros(3)))
    assert np.isnan(normal_score_shift(np.zeros(3), np.ones(3)))


def test_many_pairs_at_once() -> None:
    sides = np.random.default_rng(2).integers(0, 9, (2, 5, 4)).astype(float)
    one_by_one = [float(normal_score_shift(a, b)) for a, b in zip(*sides, strict=True)]
    assert normal_score_shift(sides[0], sides[1]) == pytest.approx(one_by_one)
