"""Variances moderated towards each other: against theory, and at both ends of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from core.metrics.alarms.moderation import moderated, scaled
from core.metrics.arrays import Floats


def _drawn(seed: int, truth: Floats, freedom: float) -> Floats:
    random = np.random.default_rng(seed)
    return np.asarray(truth * random.chisquare(freedom, truth.size) / freedom)


def test_equal_variances_are_taken_together() -> None:
    # 400 estimates of 2 with 10 degrees of freedom each: alone off by 45 %, together by 2 %.
    found = moderated(_drawn(1, np.full(400, 2.0), 10.0), np.full(400, 10.0), np.eye(400))
    kept = found.own == 0
    assert np.mean(kept) > 0.9 or found.spread < 0.02
    assert np.median(found.ratio) == pytest.approx(2.0, rel=0.06)


def test_variances_that_differ_stay_their_own() -> None:
    truth = np.exp(np.linspace(0.5, 6.0, 60))
    ratios = _drawn(2, truth, 40.0)
    found = moderated(ratios, np.full(60, 40.0), np.eye(60))
    assert found.spread == pytest.approx(np.var(np.log(truth)), rel=0.2)
    assert np.log(found.ratio) == pytest.approx(np.log(ratios), abs=0.2)


def test_one_far_above_the_others_keeps_its_own() -> None:
    ratios = np.array([1.1, 0.9, 1.0, 1.05, 1.0, 0.95, 4.0])
    found = moderated(ratios, np.full(7, 40.0), np.eye(7))
    assert found.ratio[-1] == pytest.approx(4.0, rel=0.05)
    assert found.shared[-1] == 0


def test_alone_it_is_its_own() -> None:
    # log s² has the mean log σ² + ψ(ν/2) - log(ν/2): with ν = 10, 0.1033 below (tables of ψ).
    found = moderated(np.array([2.0]), np.array([10.0]), np.ones((1, 1)))
    assert np.log(found.ratio[0]) == pytest.approx(np.log(2.0) + 0.1033, abs=1e-4)


def test_what_figures_share_is_no_proof() -> None:
    # Copies of one estimate: their error is that of one, however many there are.
    alike = moderated(np.full(8, 2.0), np.full(8, 10.0), np.ones((8, 8)))
    apart = moderated(np.full(8, 2.0), np.full(8, 10.0), np.eye(8))
    assert alike.shared[0] == pytest.approx(8 * apart.shared[0])


@given(st.lists(st.floats(0.05, 20.0), min_size=1, max_size=12), st.floats(2.0, 200.0))
@settings(deadline=None)
def test_it_is_never_below_independent_rows_nor_outside_the_estimates(
    ratios: list[float], freedom: float
) -> None:
    values = np.array(ratios)
    found = moderated(values, np.full(values.size, freedom), np.eye(values.size))
    assert (found.ratio >= 1.0).all()
    highest = values.max() * np.exp(1 / freedom + 1 / freedom**2) * 1.01
    assert (found.ratio <= max(highest, 1.0)).all()
    assert (found.own >= 0).all()
    assert (found.shared >= 0).all()


def test_scaled_draws_are_chi_squared() -> None:
    # scipy's χ² as the second source; Wilson and Hilferty's cube is good to a per cent here.
    luck = np.random.default_rng(3).standard_normal(200_000)
    for freedom in (10, 40, 400):
        found = np.quantile(scaled(2 / freedom, luck), [0.05, 0.5, 0.95])
        assert found == pytest.approx(chi2.ppf([0.05, 0.5, 0.95], freedom) / freedom, rel=0.02)
    assert (scaled(0.0, luck) == 1).all()
