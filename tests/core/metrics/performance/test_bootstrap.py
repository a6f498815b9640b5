"""The bootstrap of counts against one of raw rows, and how often its limits hold the truth."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance import (
    ScoreCounts,
    average_precision,
    bootstrap,
    bootstrap_many,
    brier_score,
    kolmogorov_smirnov_of_score,
    log_loss,
    score_counts,
)
from core.metrics.performance.bootstrap import digest
from core.metrics.performance.scores import merged
from tests.core.metrics.performance.rows import binned, simulated


def precise(counts: ScoreCounts) -> Floats:
    return average_precision(counts.positives, counts.negatives)


def gap(counts: ScoreCounts) -> Floats:
    return kolmogorov_smirnov_of_score(counts.positives, counts.negatives)


def rate(counts: ScoreCounts) -> Floats:
    return np.asarray(counts.positives.sum(axis=-1) / counts.n)


def mean_score(counts: ScoreCounts) -> Floats:
    return np.asarray(counts.scores.sum(axis=-1) / counts.n)


def low_of(figure: Callable[[ScoreCounts], Interval], counts: ScoreCounts) -> Floats:
    return figure(counts).low


def stacked(parts: list[ScoreCounts]) -> ScoreCounts:
    return ScoreCounts(
        *(np.stack([getattr(part, name) for part in parts]) for name in ScoreCounts.__slots__)
    )


def test_agrees_with_drawing_raw_rows_again() -> None:
    # numpy's choice of rows with replacement, scikit-learn's figure of each draw.
    scores, labels = simulated(800, seed=1, lift=2.0)
    found = bootstrap(precise, score_counts(scores, labels), draws=2_000)
    random = np.random.default_rng(2)
    draws = [
        average_precision_score(labels[chosen], scores[chosen])
        for chosen in random.integers(0, 800, size=(600, 800))
    ]
    low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
    value = average_precision_score(labels, scores)
    moved = 2 * (middle - value)
    error = np.std(draws)
    assert found.value == pytest.approx(value)
    assert found.low == pytest.approx(low - moved, abs=0.5 * error)
    assert found.high == pytest.approx(high - moved, abs=0.5 * error)


def test_limits_of_a_share_and_a_mean_are_near_the_normal_ones() -> None:
    scores, labels = simulated(2_000, seed=3)
    counts = score_counts(scores, labels)
    for figure, rows in ((rate, labels), (mean_score, scores)):
        found = bootstrap(figure, counts, draws=2_000)
        half = 1.96 * rows.std() / np.sqrt(2_000)
        assert found.value == pytest.approx(rows.mean())
        assert found.low == pytest.approx(rows.mean() - half, abs=half / 6)
        assert found.high == pytest.approx(rows.mean() + half, abs=half / 6)


def test_the_same_seed_gives_the_same_limits_and_another_does_not() -> None:
    counts = binned(*simulated(500, seed=4), bins=30)
    first, again, other = (bootstrap(precise, counts, seed=seed) for seed in (0, 0, 1))
    assert (first.low, first.high) == (again.low, again.high)
    assert first.low != other.low
    assert first.value == other.value


def test_a_chunk_does_not_depend_on_the_others() -> None:
    parts = [binned(*simulated(n, seed=n), bins=30) for n in (200, 400, 600)]
    found = bootstrap(gap, stacked(parts))
    alone = bootstrap(gap, parts[1])
    assert found.value.shape == (3,)
    assert (found.low[1], found.high[1]) == (alone.low, alone.high)
    assert found.n.tolist() == [200, 400, 600]


def test_several_figures_share_their_draws() -> None:
    counts = binned(*simulated(500, seed=5), bins=30)
    found = bootstrap_many({"ap": precise, "ks": gap}, counts)
    assert list(found) == ["ap", "ks"]
    assert found["ks"].low == bootstrap(gap, counts).low
    assert found["ap"].high == bootstrap(precise, counts).high


def test_limits_are_cut_off_and_hold_the_figure() -> None:
    # Four rows in a perfect order: each draw that knows a figure has 1.
    counts = score_counts([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    found = bootstrap(precise, counts)
    assert [float(part) for part in (found.value, found.low, found.high)] == [1, 1, 1]
    few = bootstrap(gap, score_counts([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]))
    assert 0 <= few.low <= few.value <= few.high <= 1
    free = bootstrap(lambda counts: 10 * rate(counts), counts, lowest=-np.inf, highest=np.inf)
    assert free.high > 1


def test_what_is_not_known_has_no_limits() -> None:
    for counts in (score_counts([], []), score_counts([0.1, 0.2], [0, 0])):
        found = bootstrap(precise, counts)
        assert np.isnan([found.value, found.low, found.high]).all()
    # One positive of two rows: absent from one draw in four, and so is the negative.
    found = bootstrap(gap, score_counts([0.4, 0.6], [0, 1]))
    assert found.value == 1


def test_sums_of_errors_are_not_drawn() -> None:
    counts = binned(*simulated(100, seed=6), bins=5)
    for figure in (log_loss, brier_score):
        found = bootstrap(partial(low_of, figure), counts)
        assert not np.isnan(found.value)
        assert np.isnan([found.low, found.high]).all()


def test_expected_counts_with_fractions_are_drawn() -> None:
    # 7.5 + 2.5 expected rows are ten.
    counts = score_counts([0.2, 0.8], [0, 1])
    expected = ScoreCounts(*(getattr(counts, name) * 5.0 for name in ScoreCounts.__slots__))
    found = bootstrap(rate, expected, draws=400)
    assert found.n == 10
    assert found.low == pytest.approx(0.2, abs=0.1)


def test_a_bootstrap_that_says_nothing_is_refused() -> None:
    counts = score_counts([0.2, 0.8], [0, 1])
    with pytest.raises(InvalidInput, match="two draws"):
        bootstrap(rate, counts, draws=1)
    for confidence in (0.0, 1.0):
        with pytest.raises(InvalidInput, match="confidence"):
            bootstrap(rate, counts, confidence=confidence)


def test_limits_hold_the_truth_about_19_times_in_20() -> None:
    # The truth from a million rows; 200 periods of 300 rows. Plain percentiles hold the KS of so
    # few rows in three of four periods.
    truth = binned(*simulated(1_000_000, seed=7, lift=1.5), bins=1_000)
    parts = [binned(*simulated(300, seed=100 + each, lift=1.5), bins=1_000) for each in range(200)]
    for figure in (precise, gap):
        found, true = bootstrap(figure, stacked(parts)), float(figure(truth))
        covered = ((found.low <= true) & (true <= found.high)).mean()
        assert 0.86 < covered < 0.985, figure.__name__


def test_neighbouring_bins_drawn_together_give_nearly_the_same_limits() -> None:
    counts = score_counts(*simulated(20_000, seed=4))
    figures = {"precise": precise, "gap": gap}
    every = bootstrap_many(figures, counts)
    fewer = bootstrap_many(figures, counts, most_bins=200)
    for name in figures:
        width = float(every[name].high - every[name].low)
        assert fewer[name].value == every[name].value
        for end in ("low", "high"):
            ours, theirs = getattr(fewer[name], end), getattr(every[name], end)
            assert ours == pytest.approx(float(theirs), abs=0.15 * width), (name, end)


def test_merged_bins_hold_all_rows_and_about_equally_many() -> None:
    counts = score_counts(*simulated(5_000, seed=5))
    found = merged(counts, 100)
    assert found.rows.size <= 100
    assert found.rows.max() < 2 * 50
    for name in ScoreCounts.__slots__:
        assert getattr(found, name).sum() == pytest.approx(getattr(counts, name).sum())
    assert merged(counts, counts.rows.size) is counts
    # One bin with most of the rows stays alone and in its place.
    heavy = score_counts([0.1] * 900 + [0.2, 0.3, 0.4, 0.5], [0, 1] * 452)
    assert merged(heavy, 3).rows.tolist()[0] == 900


def test_a_digest_tells_counts_apart_but_not_the_order_in_which_they_were_added_up() -> None:
    counts = binned(*simulated(300, seed=1), 50)
    assert digest(counts) == digest(replace(counts, score_of_positives=counts.score_of_positives
                                            * (1 + 1e-14)))  # fmt: skip
    one_more = counts.positives.copy()
    one_more[3] += 1
    assert digest(counts) != digest(replace(counts, positives=one_more))
    assert digest(counts) != digest(binned(*simulated(300, seed=1), 49))
