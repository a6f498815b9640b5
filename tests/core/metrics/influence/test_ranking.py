"""Groups of the score and Spearman's correlation, against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.metrics.influence import score_groups, spearman, spearman_interval
from core.metrics.performance import score_counts


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=3, max_size=40))
def test_the_correlation_is_that_of_scipy(rows: list[tuple[int, bool]]) -> None:
    score = np.array([each for each, _ in rows]) / 10
    label = np.array([each for _, each in rows], dtype=float)
    counts = score_counts(score, label)
    found = spearman(counts.positives, counts.negatives)
    if np.ptp(score) == 0 or np.ptp(label) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(float(stats.spearmanr(score, label).statistic))


def test_the_interval_is_that_of_a_bootstrap_of_rows() -> None:
    draw = np.random.default_rng(5)
    score = draw.uniform(size=600)
    label = (draw.uniform(size=600) < 0.2 + 0.4 * score).astype(float)
    found = spearman_interval(score_counts(score, label))
    again = []
    for _ in range(600):
        rows = draw.integers(0, 600, 600)
        again.append(float(stats.spearmanr(score[rows], label[rows]).statistic))
    low, high = np.quantile(again, [0.025, 0.975])
    assert found.low < found.value < found.high
    assert [found.low, found.high] == pytest.approx([low, high], abs=0.03)


def test_groups_are_of_equal_size() -> None:
    score = np.arange(100) / 100
    label = (np.arange(100) >= 70).astype(float)
    found = score_groups(score_counts(score, label))
    assert found.n.tolist() == [10] * 10
    assert found.positives.tolist() == [0] * 7 + [10] * 3
    assert found.score[0] == pytest.approx(0.045)
    assert (found.rises, found.steps) == (1, 9)
    # Wilson's interval of 0 of 10: scipy.stats.binomtest(0, 10).proportion_ci(method="wilson").
    expected = stats.binomtest(0, 10).proportion_ci(method="wilson")
    assert [found.rate.low[0], found.rate.high[0]] == pytest.approx([expected.low, expected.high])


def test_equal_scores_stay_together() -> None:
    found = score_groups(score_counts([0.2] * 90 + [0.9] * 10, [0] * 95 + [1] * 5))
    assert found.n.tolist() == [90, 10]
    assert found.rate.value.tolist() == [0, 0.5]


def test_no_rows_make_no_groups() -> None:
    found = score_groups(score_counts([], []))
    assert found.n.size == 0
    assert (found.rises, found.steps) == (0, 0)
