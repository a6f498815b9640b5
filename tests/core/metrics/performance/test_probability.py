"""Brier score, log loss and calibration by hand, against scikit-learn, and their intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import norm, sem
from sklearn.calibration import calibration_curve as second_curve
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as second_log_loss

from core.metrics.intervals import Interval, wilson
from core.metrics.performance import (
    ScoreCounts,
    brier_score,
    calibration_curve,
    expected_calibration_error,
    log_loss,
    score_counts,
)
from tests.core.metrics.performance.rows import RAW, Rows, added, binned, pooled, simulated


@pytest.mark.parametrize("bins", [1, 7, 50])
def test_agree_with_scikit_learn_whatever_the_bins(bins: int) -> None:
    scores, labels = simulated(3_000, seed=1)
    for counts in (binned(scores, labels, bins), score_counts(scores, labels)):
        assert brier_score(counts).value == pytest.approx(
            brier_score_loss(labels, scores), rel=1e-12
        )
        assert log_loss(counts).value == pytest.approx(second_log_loss(labels, scores), rel=1e-12)


def test_certain_scores_agree_with_scikit_learn() -> None:
    scores, labels = [0.0, 1.0, 1.0, 0.0, 0.5], [0, 1, 0, 1, 1]
    found = log_loss(score_counts(scores, labels))
    assert found.value == pytest.approx(second_log_loss(labels, scores), rel=1e-12)
    assert brier_score(score_counts(scores, labels)).value == pytest.approx(2.25 / 5)


def test_intervals_are_those_of_a_mean() -> None:
    # scipy's standard error of the mean of the rows' own values.
    scores, labels = simulated(500, seed=2)
    counts = binned(scores, labels, 9)
    given_to_it = np.where(labels == 1, scores, 1 - scores)
    for found, rows in (
        (brier_score(counts, confidence=0.9), (scores - labels) ** 2),
        (log_loss(counts, confidence=0.9), -np.log(given_to_it)),
    ):
        half = norm.ppf(0.95) * sem(rows)
        assert found.low == pytest.approx(rows.mean() - half)
        assert found.high == pytest.approx(rows.mean() + half)
        assert found.n == 500


def test_a_single_row_and_none() -> None:
    single = brier_score(score_counts([0.25], [1]))
    assert single.value == pytest.approx(9 / 16)
    assert np.isnan([single.low, single.high]).all()
    for figure in (brier_score, log_loss):
        found = figure(score_counts([], []))
        assert np.isnan([found.value, found.low, found.high]).all()
        assert found.n == 0
    assert np.isnan(expected_calibration_error(score_counts([], [])))


def test_the_curve_agrees_with_scikit_learn_where_groups_are_even() -> None:
    scores, labels = simulated(1_000, seed=3)
    curve = calibration_curve(score_counts(scores, labels))
    rates, means = second_curve(labels, scores, n_bins=10, strategy="quantile")
    np.testing.assert_allclose(curve.mean_score, means)
    np.testing.assert_allclose(curve.outcome_rate.value, rates)
    assert curve.outcome_rate.n.tolist() == [100] * 10
    assert expected_calibration_error(score_counts(scores, labels)) == pytest.approx(
        np.abs(rates - means).mean(), rel=1e-12
    )
    limits = wilson(np.round(rates * 100), 100)
    np.testing.assert_allclose(curve.outcome_rate.high, limits.high)


def test_calibration_error_by_hand() -> None:
    # Two groups of two: scores .1 and .3 with no positive, .6 and .8 with one: gaps .2 and .2.
    counts = score_counts([0.1, 0.3, 0.6, 0.8], [0, 0, 0, 1])
    assert expected_calibration_error(counts, groups=2) == pytest.approx(0.2)
    curve = calibration_curve(counts, groups=2)
    np.testing.assert_allclose(curve.mean_score, [0.2, 0.7])
    np.testing.assert_allclose(curve.outcome_rate.value, [0, 0.5])


def test_chunks_are_read_at_once() -> None:
    parts = [binned(*simulated(n, seed=n), bins=40) for n in (300, 500)]
    counts = ScoreCounts(
        *(np.stack([getattr(part, name) for part in parts]) for name in ScoreCounts.__slots__)
    )
    np.testing.assert_allclose(
        expected_calibration_error(counts), [expected_calibration_error(part) for part in parts]
    )
    curve, alone = calibration_curve(counts, groups=4), calibration_curve(parts[1], groups=4)
    np.testing.assert_allclose(curve.mean_score[1], alone.mean_score)
    np.testing.assert_allclose(curve.outcome_rate.low[1], alone.outcome_rate.low)
    for figure in (brier_score, log_loss):
        np.testing.assert_allclose(figure(counts).high, [figure(part).high for part in parts])


def test_equal_scores_stay_together() -> None:
    # Nine rows of ten have one score: they are one group, whose middle is the fifth of ten.
    counts = score_counts([0.2] * 9 + [0.9], [1, 1, 1, 0, 0, 0, 0, 0, 0, 1])
    curve = calibration_curve(counts)
    assert np.flatnonzero(curve.outcome_rate.n).tolist() == [4, 9]
    assert curve.outcome_rate.n.sum() == 10
    assert np.isnan(curve.mean_score[0])
    # 9/10 · |1/3 - .2| + 1/10 · |1 - .9|
    assert expected_calibration_error(counts) == pytest.approx(0.9 * (1 / 3 - 0.2) + 0.01)


def test_chance_alone_gives_the_error_that_the_page_states() -> None:
    # docs/metrics/expected_calibration_error.md: about 0.8 √(10 r (1 - r) / n).
    score = np.full(1_000, 0.3) + np.arange(1_000) * 1e-9
    random = np.random.default_rng(4)
    found = [
        float(expected_calibration_error(score_counts(score, random.random(1_000) < 0.3)))
        for _ in range(100)
    ]
    assert np.mean(found) == pytest.approx(0.8 * np.sqrt(10 * 0.21 / 1_000), rel=0.05)


@settings(deadline=None)
@given(first=RAW, second=RAW)
def test_figures_of_added_counts_are_those_of_all_rows(first: Rows, second: Rows) -> None:
    sums = added(binned(*first, bins=8), binned(*second, bins=8))
    whole = score_counts(*pooled(first, second))
    for figure in (brier_score, log_loss):
        for part in ("value", "low", "high"):
            np.testing.assert_allclose(
                getattr(figure(sums), part), getattr(figure(whole), part), atol=1e-9
            )
    again = binned(*pooled(first, second), bins=8)
    np.testing.assert_allclose(expected_calibration_error(sums), expected_calibration_error(again))


@settings(deadline=None)
@given(rows=RAW.filter(lambda rows: rows[1].size > 1))
def test_values_and_limits_keep_within_the_range(rows: Rows) -> None:
    counts = score_counts(*rows)
    for found, highest in ((brier_score(counts), 1.0), (log_loss(counts), np.inf)):
        assert 0 <= found.value <= highest
        if not np.isnan(found.low):  # rows that are all equally wrong have no known spread
            assert 0 <= found.low <= found.value + 1e-12
            assert found.value - 1e-12 <= found.high <= highest
    assert 0 <= expected_calibration_error(counts) <= 1


@settings(deadline=None)
@given(rows=RAW.filter(lambda rows: rows[1].size > 0))
def test_turning_scores_and_outcomes_round_changes_nothing(rows: Rows) -> None:
    counts, turned = score_counts(*rows), score_counts(1 - rows[0], 1 - rows[1])
    assert brier_score(turned).value == pytest.approx(float(brier_score(counts).value), abs=1e-12)
    assert log_loss(turned).value == pytest.approx(float(log_loss(counts).value))


def test_intervals_hold_the_truth_19_times_in_20() -> None:
    # A calibrated score s: E (s - y)² = E s (1 - s), and the entropy of s, over 10⁶ rows.
    scores, _ = simulated(1_000_000, seed=5)
    truth = (
        float((scores * (1 - scores)).mean()),
        float(-(scores * np.log(scores) + (1 - scores) * np.log(1 - scores)).mean()),
    )
    parts = [binned(*simulated(400, seed=1_000 + each), bins=1) for each in range(1_500)]
    counts = ScoreCounts(
        *(np.stack([getattr(part, name) for part in parts]) for name in ScoreCounts.__slots__)
    )
    for found, true in zip((brier_score(counts), log_loss(counts)), truth, strict=True):
        assert 0.925 < _covered(found, true) < 0.97


def _covered(found: Interval, true: float) -> float:
    return float(((found.low <= true) & (true <= found.high)).mean())
