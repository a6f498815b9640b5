"""Area under the ROC curve by hand, against scikit-learn, and from counts."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.metrics import roc_auc_score

from core.errors import InvalidInput, NotComputable
from core.metrics.arrays import Integers
from core.metrics.performance import roc_auc, roc_auc_from_counts

COUNTS = npst.arrays(np.int64, 6, elements=st.integers(0, 9))


def test_by_hand() -> None:
    # Positives .8, .4; negatives .4, .1: three wins and one tie of four pairs.
    assert roc_auc([0.8, 0.4, 0.4, 0.1], [1, 1, 0, 0]).value == pytest.approx(3.5 / 4)


def test_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(1)
    labels = random.random(5_000) < 0.1
    scores = np.round(random.normal(labels, 1.0), 1)
    found = roc_auc(scores, labels)
    assert found.value == pytest.approx(roc_auc_score(labels, scores), rel=1e-12)
    assert found.low < found.value < found.high
    assert (found.positives, found.negatives) == (labels.sum(), (~labels).sum())


def test_delong_interval_by_hand() -> None:
    # Placements of the positives (.8: 1, .4: 3/4), of the negatives (.4: 3/4, .1: 1):
    # variances 1/32 each, so the standard error is √(1/64 + 1/64) = √2/8.
    found = roc_auc([0.8, 0.4, 0.4, 0.1], [1, 1, 0, 0], confidence=0.5)
    half = 0.6744897501960817 * np.sqrt(2) / 8
    assert found.low == pytest.approx(0.875 - half)
    assert found.high == pytest.approx(0.875 + half)


@pytest.mark.slow
def test_intervals_cover_the_truth_about_19_times_in_20() -> None:
    # N(1,1) against N(0,1): the area is Φ(1/√2) = 0.76025.
    random = np.random.default_rng(2)
    covered = np.zeros(2)
    for _ in range(1_000):
        scores = np.concatenate([random.normal(1, 1, 60), random.normal(0, 1, 300)])
        labels = np.repeat([1, 0], [60, 300])
        cuts = np.searchsorted(np.linspace(-3, 4, 200), scores)
        counts = [np.bincount(cuts[labels == side], minlength=201) for side in (1, 0)]
        for position, found in enumerate((roc_auc(scores, labels), roc_auc_from_counts(*counts))):
            covered[position] += found.low <= 0.7602499 <= found.high
    assert (covered / 1_000 > 0.92).all()


@settings(deadline=None)
@given(positives=COUNTS, negatives=COUNTS)
def test_counts_equal_rows_of_the_binned_score(positives: Integers, negatives: Integers) -> None:
    assume(positives.sum() > 0 and negatives.sum() > 0)
    scores = np.concatenate([np.repeat(np.arange(6), side) for side in (positives, negatives)])
    labels = np.repeat([1, 0], [positives.sum(), negatives.sum()])
    found = roc_auc_from_counts(positives, negatives)
    assert found.value == pytest.approx(roc_auc_score(labels, scores), rel=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_binned_scores_stay_within_the_stated_bound() -> None:
    random = np.random.default_rng(3)
    labels = random.random(20_000) < 0.2
    scores = 1 / (1 + np.exp(-random.normal(labels, 1.0)))
    bins = np.floor(scores * 20).astype(np.int64)
    positives, negatives = (np.bincount(bins[labels == side], minlength=20) for side in (1, 0))
    bound = (positives / positives.sum() * negatives / negatives.sum()).sum() / 2
    exact = roc_auc_score(labels, scores)
    assert abs(float(roc_auc_from_counts(positives, negatives).value) - exact) <= bound
    assert bound < 0.05


def test_hanley_mcneil_by_hand() -> None:
    # A = 7/8 with 2 positives and 2 negatives. At the lower limit L with Q1 = L / (2 − L) and
    # Q2 = 2 L² / (1 + L) the variance is (L (1 − L) + (Q1 − L²) + (Q2 − L²)) / 4, and 7/8 lies
    # z errors above.
    found = roc_auc_from_counts([0, 1, 1], [1, 1, 0], confidence=0.5)
    assert found.value == pytest.approx(0.875)
    low = float(found.low)
    first, second = low / (2 - low), 2 * low**2 / (1 + low)
    error = np.sqrt((low * (1 - low) + first + second - 2 * low**2) / 4)
    assert 0.875 - low == pytest.approx(0.6744897501960817 * error)


def test_a_perfect_order_of_few_rows_is_not_certain() -> None:
    found = roc_auc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])  # DeLong's spread is 0
    counted = roc_auc_from_counts([0, 0, 1, 1], [1, 1, 0, 0])
    assert found.value == 1
    assert found.high == pytest.approx(1)
    assert 0.2 < found.low == counted.low < 0.9


def test_one_class_has_no_area() -> None:
    with pytest.raises(NotComputable, match="positive and negative"):
        roc_auc([0.1, 0.2], [1, 1])
    with pytest.raises(NotComputable, match="positive and negative"):
        roc_auc([], [])
    found = roc_auc_from_counts([[0, 0], [1, 2]], [[3, 4], [3, 4]])
    assert np.isnan(found.value).tolist() == [True, False]
    assert np.isnan([found.low[0], found.high[0]]).all()


def test_a_single_positive_has_an_area_without_interval() -> None:
    found = roc_auc([0.9, 0.1, 0.2], [1, 0, 0])
    assert found.value == 1.0
    assert np.isnan(found.low)


def test_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one score"):
        roc_auc([0.1], [1, 0])
    with pytest.raises(InvalidInput, match="one score"):
        roc_auc([0.1, np.nan], [1, 0])
    for label in (np.nan, 2.0):
        with pytest.raises(InvalidInput, match="0 or 1"):
            roc_auc([0.1, 0.2, 0.3], [1, 0, label])
    with pytest.raises(InvalidInput, match="shape"):
        roc_auc_from_counts([1, 2], [1])
    with pytest.raises(InvalidInput, match="not negative"):
        roc_auc_from_counts([1, -2], [1, 1])
