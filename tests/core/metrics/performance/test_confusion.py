"""The confusion matrix and its figures by hand, against scikit-learn and scipy, and in money."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.performance import (
    CellValues,
    Confusion,
    accuracy,
    business_value,
    f1,
    precision,
    recall,
    specificity,
)
from tests.core.metrics.performance.rows import BOTH, RAW, Rows, added, simulated

CELLS = npst.arrays(np.float64, (3, 4), elements=st.integers(0, 30).map(float))
VALUES = CellValues(
    true_positive=100.0, false_positive=-20.0, false_negative=-500.0, true_negative=1.0
)
FIGURES = (accuracy, precision, recall, specificity, f1)


def at_half(scores: Floats, labels: Floats) -> Confusion:
    """Count the cells of a cut-off at 0.5, one row at a time."""
    pairs = list(zip(scores >= 0.5, labels == 1, strict=True))
    cells = [(True, True), (True, False), (False, True), (False, False)]
    return Confusion.of(*(sum(pair == cell for pair in pairs) for cell in cells))


def test_agrees_with_scikit_learn() -> None:
    scores, labels = simulated(3_000, seed=1, lift=2.0)
    said = scores >= 0.5
    found = at_half(scores, labels)
    assert confusion_matrix(labels, said).tolist() == [
        [found.true_negatives, found.false_positives],
        [found.false_negatives, found.true_positives],
    ]
    for figure, second in zip(
        FIGURES,
        (
            accuracy_score(labels, said),
            precision_score(labels, said),
            recall_score(labels, said),
            recall_score(labels, said, pos_label=0.0),
            f1_score(labels, said),
        ),
        strict=True,
    ):
        assert figure(found).value == pytest.approx(second, rel=1e-12)


def test_by_hand() -> None:
    found = Confusion.of(6, 2, 3, 9)
    values = [float(figure(found).value) for figure in FIGURES]
    assert values == pytest.approx([15 / 20, 6 / 8, 6 / 9, 9 / 11, 12 / 17])
    assert [float(figure(found).n) for figure in FIGURES] == [20, 8, 9, 11, 11]
    assert [float(rows) for rows in (found.n, found.positives, found.flagged)] == [20, 9, 8]


def test_intervals_are_wilsons() -> None:
    # scipy's binomtest(k, n).proportion_ci(method="wilson") of each share.
    found = Confusion.of(6, 2, 3, 9)
    for figure, hits, rows in ((accuracy, 15, 20), (precision, 6, 8), (specificity, 9, 11)):
        limits = binomtest(hits, rows).proportion_ci(0.9, method="wilson")
        interval = figure(found, confidence=0.9)
        assert interval.low == pytest.approx(limits.low)
        assert interval.high == pytest.approx(limits.high)
    share = binomtest(6, 11).proportion_ci(0.9, method="wilson")
    assert f1(found, confidence=0.9).low == pytest.approx(2 * share.low / (1 + share.low))
    assert f1(found, confidence=0.9).high == pytest.approx(2 * share.high / (1 + share.high))


def test_what_the_rows_do_not_give_is_not_known() -> None:
    nothing_flagged = Confusion.of(0, 0, 4, 6)
    assert np.isnan(precision(nothing_flagged).value)
    assert recall(nothing_flagged).value == f1(nothing_flagged).value == 0.0
    only_negatives = Confusion.of(0, 2, 0, 8)
    assert np.isnan(recall(only_negatives).value)
    assert specificity(only_negatives).value == 0.8
    only_positives = Confusion.of(3, 0, 1, 0)
    assert np.isnan(specificity(only_positives).value)
    assert np.isnan(f1(Confusion.of(0, 0, 0, 5)).value)
    for figure in FIGURES:
        nothing = figure(Confusion.of(0, 0, 0, 0))
        assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_value_in_money_by_hand() -> None:
    # 6 · 100 - 2 · 20 - 3 · 500 + 9 = -931, a mean of -46.55; squares 6 · 10,000 + 2 · 400 +
    # 3 · 250,000 + 9 = 810,809, so the variance of a row is 40,540.45 - 46.55².
    found = Confusion.of(6, 2, 3, 9)
    total = business_value(found, VALUES, confidence=0.5)
    each = business_value(found, VALUES, per_prediction=True, confidence=0.5)
    half = 0.6744897501960817 * np.sqrt((40540.45 - 46.55**2) / 20)
    assert total.value == pytest.approx(-931)
    assert each.value == pytest.approx(-46.55)
    assert each.low == pytest.approx(-46.55 - half)
    assert each.high == pytest.approx(-46.55 + half)
    assert total.high == pytest.approx(20 * (-46.55 + half))
    assert total.n == 20


def test_no_rows_are_worth_nothing_known() -> None:
    for per_prediction in (False, True):
        found = business_value(
            Confusion.of([0, 1], [0, 0], [0, 0], [0, 0]), VALUES, per_prediction=per_prediction
        )
        assert np.isnan(found.value).tolist() == [True, False]
        assert found.value[1] == 100.0


def test_cells_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="shape"):
        Confusion.of([1, 2], [1, 2, 3], 0, 0)
    for wrong in (-1, np.nan, np.inf):
        with pytest.raises(InvalidInput, match="not negative"):
            Confusion.of(1, wrong, 0, 0)


@settings(deadline=None)
@given(first=RAW, second=RAW)
def test_cells_of_parts_add_up_to_those_of_all_rows(first: Rows, second: Rows) -> None:
    both = at_half(*(np.concatenate(part) for part in zip(first, second, strict=True)))
    sums = added(at_half(*first), at_half(*second))
    for figure in FIGURES:
        for part in ("value", "low", "high"):
            found = getattr(figure(sums), part)
            np.testing.assert_allclose(found, getattr(figure(both), part))
    worth = [float(business_value(part, VALUES).value) for part in map(_at, (first, second))]
    assert business_value(both, VALUES, confidence=0.9).value == pytest.approx(
        np.nansum(worth) if both.n else np.nan, nan_ok=True
    )


def _at(rows: Rows) -> Confusion:
    return at_half(*rows)


@settings(deadline=None)
@given(cells=CELLS)
def test_values_lie_within_their_limits_and_these_within_the_range(cells: Floats) -> None:
    matrix = Confusion.of(*cells.T)
    for figure in FIGURES:
        found = figure(matrix)
        known = ~np.isnan(found.value)
        value, low, high = (part[known] for part in (found.value, found.low, found.high))
        assert ((low >= 0) & (low <= value + 1e-12) & (value <= high + 1e-12) & (high <= 1)).all()
    worth = business_value(matrix, VALUES, per_prediction=True)
    known = matrix.n > 0
    assert ((worth.value[known] >= -500 - 1e-9) & (worth.value[known] <= 100 + 1e-9)).all()


@settings(deadline=None)
@given(rows=BOTH)
def test_f1_is_the_harmonic_mean(rows: Rows) -> None:
    found = at_half(*rows)
    if found.flagged == 0 or found.true_positives == 0:
        assert f1(found).value == 0
    else:
        p, r = precision(found).value, recall(found).value
        assert f1(found).value == pytest.approx(2 * p * r / (p + r))


def test_intervals_hold_the_truth_19_times_in_20() -> None:
    # 250 rows with cells of probability .08, .07, .05, .8, 4,000 times.
    shares = np.asarray([0.08, 0.07, 0.05, 0.8])
    drawn = np.random.default_rng(3).multinomial(250, shares, size=4_000).T
    matrix = Confusion.of(*drawn)
    truth = [0.88, 0.08 / 0.15, 0.08 / 0.13, 0.8 / 0.87, 0.16 / 0.28]
    for figure, true in zip(FIGURES, truth, strict=True):
        found = figure(matrix)
        covered = ((found.low <= true) & (true <= found.high)).mean()
        assert 0.935 < covered < 0.97, figure.__name__
    worth = business_value(matrix, VALUES)
    true = 250 * float(shares @ [100, -20, -500, 1])
    # A dozen costly misses decide the sum: its distribution is skewed, the interval is not.
    assert 0.92 < ((worth.low <= true) & (true <= worth.high)).mean() < 0.97
