"""Pooling and thinning, against the laws that scipy knows."""

import numpy as np
import pytest
from scipy.stats import betabinom, chi2, multivariate_hypergeom

from core.metrics.alarms import Counts, Series, feature_series, measure
from core.metrics.alarms.blocks import draw_days
from core.metrics.alarms.resample import (
    Thinner,
    Window,
    _spread,
    day_weights,
    pooled,
    pooled_smoothly,
)
from core.metrics.binning import CategoricalBins
from tests.core.metrics.alarms.days import letters, number_bins, number_days, numbers


def test_days_add_up_as_often_as_they_are_drawn() -> None:
    series = numbers("x", 1, days=6)
    found = pooled(series, day_weights(np.array([[0, 0, 3]]), 6))
    assert np.allclose(found.n[0], 2 * series.counts.n[0] + series.counts.n[3])
    assert np.allclose(found.sums[0, 0], 2 * series.counts.sums[0, 0] + series.counts.sums[0, 3])


def test_days_are_weighed_by_how_often_they_are_drawn() -> None:
    places = np.random.default_rng(1).integers(0, 7, size=(50, 40))
    found = day_weights(places, 7)
    assert found.shape == (50, 7)
    for draw in range(50):
        assert found[draw].tolist() == [np.count_nonzero(places[draw] == day) for day in range(7)]


def test_thinning_is_multivariate_hypergeometric() -> None:
    series = letters("x", 1)
    pool = np.array([0.0, 0, 40, 30, 20, 10, 0, 0])
    thinner = Thinner(Series("x", series.bins, Counts(pool[None], np.zeros((0, 1, 8)))))
    many = Counts(np.tile(pool, (20_000, 1)), np.zeros((0, 20_000, 8)))
    found = thinner.thinned(np.random.default_rng(2), many, 25).n[:, 2:6]
    law = multivariate_hypergeom(pool[2:6].astype(int), 25)
    assert found.mean(axis=0) == pytest.approx(law.mean(), rel=0.01)
    assert np.cov(found.T) == pytest.approx(law.cov(), abs=0.12)
    assert (found <= pool[2:6]).all()


def test_the_sums_of_thinned_rows_vary_as_drawn_rows_do() -> None:
    # One wide bin: 400 rows of 2,000 have a sum of variance 400 · (1 - 1/5) · s².
    values = np.random.default_rng(3).normal(5.0, 2.0, size=(100, 20))
    bins = number_bins(np.array([-12.0, 22.0]))
    series = feature_series("x", bins, number_days(bins, values))
    every_day = np.tile(np.arange(100), (4_000, 1))
    found = Thinner(series).thinned(
        np.random.default_rng(4), pooled(series, day_weights(every_day, 100)), 400
    )
    totals = found.sums[0].sum(axis=-1)
    assert totals.mean() == pytest.approx(400 * values.mean(), rel=0.01)
    assert totals.std() == pytest.approx((400 * 0.8) ** 0.5 * 2.0, rel=0.15)


def test_draws_with_too_few_rows_are_left() -> None:
    series = letters("x", 1, days=10, rows=10)
    pool = pooled(series, day_weights(np.array([[0, 1]]), 10))
    found = Thinner(series).thinned(np.random.default_rng(1), pool, 1_000)
    assert np.array_equal(found.n[0, 2:6], pool.n[0, 2:6])


def test_rows_beyond_the_reference_follow_the_law_of_records() -> None:
    # The number of n new rows above the largest of N is beta-binomial (1, N).
    series = numbers("x", 1, days=10, rows=20)
    pool = pooled(series, np.ones((20_000, 10)))
    found = Thinner(series).thinned(np.random.default_rng(5), pool, 100)
    above = found.n[:, -1]
    law = betabinom(100, 1, 200)
    assert above.mean() == pytest.approx(law.mean(), rel=0.05)
    assert (above == 0).mean() == pytest.approx(law.pmf(0), abs=0.01)


def test_a_value_that_the_reference_has_is_not_drawn_as_new() -> None:
    bins = CategoricalBins(("a",))
    n = np.array([[3.0, 3, 10, 10, 10]])
    series = Series("x", bins, Counts(n, np.zeros((0, 1, 5))))
    pool = Counts(np.tile(n, (50, 1)), np.zeros((0, 50, 5)))
    found = Thinner(series).thinned(np.random.default_rng(6), pool, 36)
    assert (found.n == n).all()


def test_smooth_pools_have_the_same_variance_and_longer_tails() -> None:
    # Two thirds of the days are of one kind, so a month of one day has only two values.
    n = np.zeros((30, 8))
    n[:20, 2], n[:20, 3] = 600, 400
    n[20:, 2], n[20:, 3] = 300, 700
    series = Series("x", letters("x", 1).bins, Counts(n, np.zeros((0, 30, 8))))
    random = np.random.default_rng(7)
    places = random.integers(0, 30, size=(8, 20_000, 1))
    plain = pooled(series, day_weights(places[0], 30)).n[:, 2]
    smooth = pooled_smoothly(random, series, Window.of(places, 30), []).n[:, 2]
    assert smooth.mean() == pytest.approx(plain.mean(), rel=0.01)
    assert smooth.std() == pytest.approx(plain.std(), rel=0.03)
    assert np.unique(plain).size == 2
    assert smooth.max() > 650
    assert (smooth >= 0).all()


def test_two_sides_differ_as_two_samples_do() -> None:
    # Days of one law: V² is (1/n + 1/N) χ²/4 with three degrees of freedom (scipy). 1/n - 1/N, of
    # a sample that is part of the other, would be half of it here.
    series = letters("x", 11, days=3_000, rows=10)
    random = np.random.default_rng(12)
    own, new = (draw_days(random, 1_000, days, 3_000, 1) for days in (3_000, 1_000))
    reference, pool = (pooled(series, day_weights(side, 3_000)) for side in (own, new))
    current = Thinner(series).thinned(random, pool, 10_000)
    current.n[:, [1, 7]] = 0  # what the reference lacks comes on top
    squares = measure("chi2", "categorical").effect(series.bins, reference, current) ** 2
    unit = (1 / 10_000 + 1 / 30_000) / 4
    for share in (0.5, 0.9, 0.95):
        expected = chi2.ppf(share, 3) * unit
        assert np.quantile(squares, share) == pytest.approx(expected, rel=0.12)


def test_the_spread_of_a_bins_daily_means_by_hand() -> None:
    n = np.array([[4.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    total = np.array([[8.0, 5.0], [5.0, 0.0], [5.0, 0.0]])
    # Mean 3; off by 8 - 12, 5 - 3 and 5 - 3; squares over rows 4, 4 and 4; two degrees of freedom.
    np.testing.assert_allclose(_spread(n, total), [6**0.5, 0.0])
