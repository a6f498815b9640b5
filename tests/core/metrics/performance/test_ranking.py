"""Average precision, KS, Gini, cut-offs and lift by hand, against scikit-learn and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import ks_2samp
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.performance import (
    average_precision,
    cut_off_curve,
    gini,
    kolmogorov_smirnov_of_score,
    lift,
    precision,
    recall,
    roc_auc_from_counts,
    score_counts,
)
from tests.core.metrics.performance.rows import (
    BOTH,
    GRID,
    RAW,
    Rows,
    added,
    binned,
    pooled,
    simulated,
)


def ranked(rows: Rows) -> list[float]:
    counts = score_counts(*rows)
    area = roc_auc_from_counts(counts.positives, counts.negatives)
    return [
        float(area.value),
        float(gini(area).value),
        float(average_precision(counts.positives, counts.negatives)),
        float(kolmogorov_smirnov_of_score(counts.positives, counts.negatives)),
    ]


@pytest.mark.parametrize("digits", [1, 2, 9])
def test_agree_with_scikit_learn_and_scipy(digits: int) -> None:
    scores, labels = simulated(3_000, seed=1, lift=2.0, digits=digits)
    area = roc_auc_score(labels, scores)
    assert ranked((scores, labels)) == pytest.approx(
        [
            area,
            2 * area - 1,
            average_precision_score(labels, scores),
            ks_2samp(scores[labels == 1], scores[labels == 0], method="asymp").statistic,
        ],
        rel=1e-12,
    )


def test_by_hand() -> None:
    # From the top: .8 positive, .5 one of each, .1 negative. Precision 1 for one half of the
    # positives and 2/3 for the other; at .5 all positives are found and half of the negatives.
    found = ranked((np.asarray([0.8, 0.5, 0.5, 0.1]), np.asarray([1.0, 1.0, 0.0, 0.0])))
    assert found == pytest.approx([7 / 8, 3 / 4, 5 / 6, 1 / 2])


def test_gini_keeps_the_limits_of_the_area() -> None:
    area = roc_auc_from_counts([1, 5, 9], [8, 4, 2])
    found = gini(area)
    assert (found.low, found.high) == (2 * area.low - 1, 2 * area.high - 1)
    assert found.n == 29


def test_one_class_or_no_rows() -> None:
    for positives, negatives in (([0, 0], [2, 3]), ([0], [0])):
        assert np.isnan(average_precision(positives, negatives))
        assert np.isnan(kolmogorov_smirnov_of_score(positives, negatives))
    assert average_precision([1, 4], [0, 0]) == 1.0
    assert np.isnan(kolmogorov_smirnov_of_score([1, 4], [0, 0]))
    chunks = average_precision([[0, 0], [1, 2]], [[1, 1], [3, 0]])
    assert np.isnan(chunks).tolist() == [True, False]
    assert chunks[1] == pytest.approx((2 * 1 + 0.5) / 3)


def test_all_scores_equal_say_nothing() -> None:
    rows = (np.full(10, 0.3), np.repeat([1.0, 0.0], [3, 7]))
    assert ranked(rows) == pytest.approx([0.5, 0, 0.3, 0])


def test_cut_offs_agree_with_scikit_learn() -> None:
    scores, labels = simulated(400, seed=2, lift=2.0, digits=2)
    counts = score_counts(scores, labels)
    found = cut_off_curve(counts.positives, counts.negatives, np.unique(scores))
    precisions, recalls, cuts = precision_recall_curve(labels, scores)
    np.testing.assert_allclose(found.cut_off, cuts)
    np.testing.assert_allclose(precision(found.confusion).value, precisions[:-1])
    np.testing.assert_allclose(recall(found.confusion).value, recalls[:-1])
    assert (found.confusion.n == 400).all()


def test_lift_by_hand() -> None:
    # 20 rows, 4 positive, and the two highest bins hold 5 rows with 3 and 5 with 1: twos of
    # them hold 1.2, 1.2, .6 + .2 …, against .4 in an average group of two.
    found = lift([0, 1, 3], [10, 4, 2], groups=10)
    np.testing.assert_allclose(found.rows, 2)
    np.testing.assert_allclose(found.positives, [1.2, 1.2, 0.8, 0.4, 0.4, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(found.lift, [3, 3, 2, 1, 1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(found.captured, [0.3, 0.6, 0.8, 0.9, 1, 1, 1, 1, 1, 1])


def test_lift_without_positives_is_not_known() -> None:
    found = lift([0, 0], [4, 6], groups=5)
    assert np.isnan(found.lift).all()
    assert np.isnan(found.captured).all()
    np.testing.assert_allclose(found.positives, 0)


def test_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="shape"):
        average_precision([1, 2], [1])
    with pytest.raises(InvalidInput, match="not negative"):
        kolmogorov_smirnov_of_score([1, -2], [1, 1])
    with pytest.raises(InvalidInput, match="one bin"):
        kolmogorov_smirnov_of_score([], [])
    with pytest.raises(InvalidInput, match="lowest score"):
        cut_off_curve([1, 2], [1, 2], [0.5])
    with pytest.raises(InvalidInput, match="no labelled row"):
        lift([0], [0])


@settings(deadline=None)
@given(first=RAW, second=RAW)
def test_figures_of_added_counts_are_those_of_all_rows(first: Rows, second: Rows) -> None:
    # Bins of the width of the grid hold one distinct score each, but for 0.95 and 1.
    counts = added(binned(*first, bins=GRID + 1), binned(*second, bins=GRID + 1))
    pool = pooled(first, second)
    exact = score_counts(np.floor(pool[0] * (GRID + 1) + 1e-9).clip(0, GRID) / GRID, pool[1])
    for figure in (average_precision, kolmogorov_smirnov_of_score):
        np.testing.assert_allclose(
            figure(counts.positives, counts.negatives), figure(exact.positives, exact.negatives)
        )


@settings(deadline=None)
@given(rows=BOTH)
def test_only_the_order_of_the_scores_matters(rows: Rows) -> None:
    scores, labels = rows
    squeezed: Floats = 0.2 + 0.5 * scores**3
    assert ranked((squeezed, labels)) == pytest.approx(ranked(rows))


@settings(deadline=None)
@given(rows=BOTH)
def test_bounds_and_agreement_on_ties(rows: Rows) -> None:
    scores, labels = rows
    area, _, precise, gap = ranked(rows)
    assert 0 <= area <= 1
    assert 0 < precise <= 1
    # A ROC curve nowhere more than g off the diagonal has an area of at most 1 - (1 - g)²/2.
    assert abs(2 * area - 1) - 1e-12 <= gap * (2 - gap)
    assert 0 <= gap <= 1
    assert precise == pytest.approx(average_precision_score(labels, scores), rel=1e-12)
    below = [[(scores[labels == side] <= cut).mean() for side in (1, 0)] for cut in scores]
    assert gap == pytest.approx(np.abs(np.diff(below)).max())


@settings(deadline=None)
@given(rows=BOTH)
def test_turning_the_score_round_turns_the_order_round(rows: Rows) -> None:
    area, symmetric, _, gap = ranked(rows)
    turned = ranked((1 - rows[0], rows[1]))
    assert turned[0] == pytest.approx(1 - area)
    assert turned[1] == pytest.approx(-symmetric)
    assert turned[3] == pytest.approx(gap)


@settings(deadline=None)
@given(rows=BOTH)
def test_lift_counts_every_row_once(rows: Rows) -> None:
    counts = score_counts(*rows)
    found = lift(counts.positives, counts.negatives)
    assert found.rows.sum() == pytest.approx(counts.n)
    assert found.positives.sum() == pytest.approx(counts.positives.sum())
    assert found.captured[-1] == pytest.approx(1)
    assert (np.diff(found.captured) >= -1e-12).all()
    assert found.lift.mean() == pytest.approx(1)
