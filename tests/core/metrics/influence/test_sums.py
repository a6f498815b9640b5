"""Values of ways to decide and the gains between them, by hand and against scipy and raw rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.metrics.influence import gain, gain_over_random, rows_apart, totals, value_of, value_sums
from core.metrics.influence.sums import ValueSums

# Four loans: declining is worth nothing; the last two are lost.
KEPT = [10.0, 20.0, -50.0, -30.0]
DECLINED = [0.0, 0.0, 0.0, 0.0]


def test_by_hand() -> None:
    sums = value_sums(DECLINED, KEPT)
    nobody, last_two = [0, 0, 0, 0], [0, 0, 1, 1]
    assert value_of(sums, nobody).value == -50
    assert value_of(sums, last_two).value == 30
    assert gain(sums, last_two, nobody).value == 80
    # Half of all rows at random: half of what declining all would bring, 25; so 30 + 25 more.
    assert gain_over_random(sums, last_two).value == 55
    assert rows_apart(sums, last_two, nobody) == 2


def test_the_gain_has_the_interval_of_the_paired_differences() -> None:
    """Second source: scipy's interval of a mean, with the normal quantile in place of t."""
    draw = np.random.default_rng(1)
    a, b = draw.normal(2, 3, 400), draw.normal(1, 5, 400)
    w, v = draw.integers(0, 2, 400), draw.integers(0, 2, 400)
    x = np.where(w, a, b) - np.where(v, a, b)
    low, high = stats.norm.interval(0.95, x.mean(), stats.sem(x))
    found = gain(value_sums(a, b), w, v)
    assert found.value == pytest.approx(x.sum())
    assert [found.low, found.high] == pytest.approx([400 * low, 400 * high])


def test_the_value_has_the_interval_of_a_mean() -> None:
    draw = np.random.default_rng(2)
    a, b, w = draw.normal(2, 3, 300), draw.normal(1, 5, 300), draw.integers(0, 2, 300)
    x = np.where(w, a, b)
    low, high = stats.norm.interval(0.95, x.mean(), stats.sem(x))
    found = value_of(value_sums(a, b), w)
    assert [found.value, found.low, found.high] == pytest.approx([x.sum(), 300 * low, 300 * high])


def test_the_expectation_of_random_flags_is_that_of_many_draws() -> None:
    draw = np.random.default_rng(3)
    a, b = draw.normal(0, 1, 50), draw.normal(1, 2, 50)
    w = (np.arange(50) >= 35).astype(float)
    flags = np.array([draw.permutation(w) for _ in range(20_000)])
    at_random = (flags * (a - b)).sum(1) + b.sum()
    worth = float(np.where(w, a, b).sum())
    error = at_random.std() / np.sqrt(20_000)
    found = gain_over_random(value_sums(a, b), w)
    assert abs(float(found.value) - (worth - at_random.mean())) < 4 * error


def test_the_interval_over_random_is_that_of_a_bootstrap() -> None:
    draw = np.random.default_rng(4)
    score = draw.uniform(size=800)
    a, b = np.zeros(800), draw.normal(1 - 3 * score, 2)
    w = (score > 0.7).astype(float)
    found = gain_over_random(value_sums(a, b), w)
    again = []
    for _ in range(3000):
        rows = draw.integers(0, 800, 800)
        again.append(float(gain_over_random(value_sums(a[rows], b[rows]), w[rows]).value))
    half = float(found.high - found.low) / 2
    assert half == pytest.approx(1.96 * np.std(again), rel=0.06)


def test_rows_that_are_decided_alike_cost_no_precision() -> None:
    sums = value_sums(DECLINED, KEPT)
    same = gain(sums, [0, 0, 1, 1], [0, 0, 1, 1])
    assert [same.value, same.low, same.high] == [0, 0, 0]


def test_where_each_flag_costs_alike_it_does_not_matter_whom_it_hits() -> None:
    kept = np.random.default_rng(8).normal(5, 1, 100)
    found = gain_over_random(value_sums(kept - 2, kept), np.arange(100) < 40)
    assert [found.value, found.low, found.high] == [0, 0, 0]


def test_no_rows_have_no_value() -> None:
    nothing = totals(0.0, 0.0, 0.0)
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


Numbers = st.lists(
    st.tuples(
        st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 3), st.booleans(), st.booleans()
    ),
    min_size=2,
    max_size=30,
)


@settings(deadline=None)
@given(Numbers)
def test_cells_say_what_single_rows_say(rows: list[tuple[int, int, int, bool, bool]]) -> None:
    a, b, place, w, v = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    single = value_sums(a, b)
    cell = (place * 4 + w * 2 + v).astype(int)
    together = ValueSums(
        *(
            np.bincount(cell, getattr(single, name), 16).astype(np.float64)
            for name in ValueSums.__slots__
        )
    )
    flagged, other = np.arange(16) // 2 % 2, np.arange(16) % 2
    for found, expected in (
        (gain(together, flagged, other), gain(single, w, v)),
        (value_of(together, flagged), value_of(single, w)),
        (gain_over_random(together, flagged), gain_over_random(single, w)),
    ):
        for part in ("value", "low", "high", "n"):
            np.testing.assert_allclose(
                getattr(found, part), getattr(expected, part), rtol=1e-6, atol=1e-6
            )


@settings(deadline=None)
@given(Numbers)
def test_gains_add_up(rows: list[tuple[int, int, int, bool, bool]]) -> None:
    a, b, _, w, v = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    sums = value_sums(a, b)
    apart = value_of(sums, w).value - value_of(sums, v).value
    assert gain(sums, w, v).value == pytest.approx(apart, abs=1e-9)
    assert gain(sums, v, w).value == pytest.approx(-apart, abs=1e-9)
