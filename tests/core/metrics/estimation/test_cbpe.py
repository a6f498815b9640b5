import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from core.errors import InvalidInput
from core.metrics.estimation import (
    ESTIMATED,
    Calibrator,
    ExpectedRows,
    Reason,
    estimate,
    expected_rows,
    expected_rows_from_counts,
    fit_sampling_errors,
)
from core.metrics.performance import CellValues, Confusion, score_counts

AS_IT_IS = Calibrator(
    np.array([0.0, 1.0]), np.array([0.0, 1.0]), Reason.already_calibrated, 0.0, 0.0, 9
)
HALVED = Calibrator(np.array([0.0, 1.0]), np.array([0.0, 0.5]), Reason.improves, 0.0, 0.0, 9)
VALUES = CellValues(100.0, -50.0, -20.0, 10.0)
SCORES = [0.9, 0.8, 0.3, 0.1]
FLAGGED = [1, 1, 0, 0]


def test_the_expected_matrix_by_hand() -> None:
    # TP 0.9 + 0.8, FP 0.1 + 0.2, FN 0.3 + 0.1, TN 0.7 + 0.9.
    found = expected_rows(SCORES, FLAGGED, AS_IT_IS)
    cells = found.confusion
    assert float(cells.true_positives) == pytest.approx(1.7)
    assert float(cells.false_positives) == pytest.approx(0.3)
    assert float(cells.false_negatives) == pytest.approx(0.4)
    assert float(cells.true_negatives) == pytest.approx(1.6)
    figures = estimate(found, values=VALUES)
    assert list(figures) == list(ESTIMATED)
    assert float(figures["accuracy"]) == pytest.approx(3.3 / 4)
    assert float(figures["precision"]) == pytest.approx(1.7 / 2)
    assert float(figures["recall"]) == pytest.approx(1.7 / 2.1)
    assert float(figures["specificity"]) == pytest.approx(1.6 / 1.9)
    assert float(figures["f1"]) == pytest.approx(1.7 / (1.7 + 0.5 * 0.7))
    assert float(figures["business_value"]) == pytest.approx(170 - 15 - 8 + 16)


def test_a_calibration_changes_what_is_expected() -> None:
    found = expected_rows(SCORES, FLAGGED, HALVED)
    assert float(found.confusion.true_positives) == pytest.approx(0.85)
    # The Brier score judges the bare score: Σ p (1 - s)² + (1 - p) s².
    said = np.array(SCORES)
    by_hand = (said / 2 * (1 - said) ** 2 + (1 - said / 2) * said**2).mean()
    assert float(estimate(found)["brier_score"]) == pytest.approx(by_hand)


def test_scikit_learn_on_weighted_outcomes_agrees() -> None:
    # Each row stands in scikit-learn's list twice: positive with weight p, negative with 1 - p.
    random = np.random.default_rng(4)
    scores = random.integers(1, 100, 400) / 100
    flagged = (scores > 0.45).astype(int)
    share = HALVED.predict(scores)
    labels = np.repeat([1, 0], scores.size)
    weights, twice = np.concatenate([share, 1 - share]), np.tile(scores, 2)
    figures = estimate(expected_rows(scores, flagged, HALVED))
    for name, theirs in (
        ("roc_auc", roc_auc_score(labels, twice, sample_weight=weights)),
        ("average_precision", average_precision_score(labels, twice, sample_weight=weights)),
        ("brier_score", brier_score_loss(labels, twice, sample_weight=weights)),
        ("log_loss", log_loss(labels, twice, sample_weight=weights)),
    ):
        assert float(figures[name]) == pytest.approx(theirs, rel=1e-12), name


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 200))
def test_counts_of_one_bin_a_score_give_what_rows_give(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, 21, n) / 20
    flagged = random.integers(0, 2, n)
    # By hand, row by row.
    share = HALVED.predict(scores)
    bins = np.arange(21) / 20
    rows, others, sums, rest = (
        np.bincount(np.rint(scores * 20).astype(int), weight, 21)
        for weight in (flagged, 1 - flagged, share * flagged, share * (1 - flagged))
    )
    of_rows = estimate(expected_rows(scores, flagged, HALVED))
    for of_counts in (
        expected_rows_from_counts(bins, rows, others, HALVED),
        expected_rows_from_counts(
            bins, rows, others, HALVED, flagged_positives=sums, other_positives=rest
        ),
    ):
        for name, value in estimate(of_counts).items():
            np.testing.assert_allclose(value, of_rows[name], rtol=1e-9, err_msg=name)


def test_chunks_are_estimated_together_as_one_by_one() -> None:
    random = np.random.default_rng(9)
    rows, others = random.integers(0, 9, (2, 3, 10)).astype(float)
    rows[2], others[2] = 0, 0
    centre = np.linspace(0.05, 0.95, 10)
    together = estimate(expected_rows_from_counts(centre, rows, others, AS_IT_IS))
    for place in range(3):
        alone = estimate(expected_rows_from_counts(centre, rows[place], others[place], AS_IT_IS))
        for name, value in alone.items():
            np.testing.assert_allclose(together[name][place], value, err_msg=name)
    assert all(np.isnan(value[2]) for value in together.values())


def test_no_rows_are_no_figure() -> None:
    assert all(np.isnan(v) for v in estimate(expected_rows([], [], AS_IT_IS)).values())


def test_nothing_flagged_has_no_precision_and_leaves_the_rest() -> None:
    figures = estimate(expected_rows([0.2, 0.4], [0, 0], AS_IT_IS))
    assert np.isnan(figures["precision"])
    assert float(figures["recall"]) == 0
    assert float(figures["accuracy"]) == pytest.approx(0.7)


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.7])
def test_calibrated_scores_are_estimated_within_their_error(cut: float) -> None:
    # 200 chunks of simulated rows whose score is their probability: the departures of the realised
    # figures, in sampling errors, have mean 0 and spread 1 (or less: inputs are known).
    random = np.random.default_rng(int(cut * 10))
    scores = np.round(random.beta(1.2, 1.8, (200, 1_000)), 2)
    labels = (random.random(scores.shape) < scores).astype(float)
    errors = fit_sampling_errors(
        score_counts(scores.ravel(), labels.ravel()),
        _cells(scores.ravel() > cut, labels.ravel()),
        values=VALUES,
    )
    departures: dict[str, list[float]] = {}
    for score, label in zip(scores, labels, strict=True):
        expected = expected_rows(score, score > cut, AS_IT_IS)
        came = ExpectedRows(score_counts(score, label), _cells(score > cut, label))
        realised = estimate(came, values=VALUES)
        for name, value in estimate(expected, values=VALUES).items():
            scaled = (realised[name] - value) / errors.of(name, score.size)
            departures.setdefault(name, []).append(float(scaled))
    for name, found in departures.items():
        # Four standard errors of a mean of 200 departures whose spread is at most 1.
        assert abs(np.mean(found)) < 4 / np.sqrt(200), name
        assert np.std(found) < 1.2, name
        assert np.mean(np.abs(found) <= 3) > 0.98, name


def _cells(said: np.ndarray, came: np.ndarray) -> Confusion:
    positive = came == 1
    return Confusion.of(
        (said & positive).sum(),
        (said & ~positive).sum(),
        (~said & positive).sum(),
        (~said & ~positive).sum(),
    )


@pytest.mark.parametrize(
    ("scores", "flagged", "message"),
    [
        ([0.1, 0.2], [1], "differ in shape"),
        ([0.1], [0.5], "1 or 0"),
        ([1.5], [1], "probability"),
        ([np.nan], [1], "probability"),
    ],
)
def test_wrong_rows_are_refused(scores: list[float], flagged: list[float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        expected_rows(scores, flagged, AS_IT_IS)


def test_wrong_counts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in shape"):
        expected_rows_from_counts([0.1], [1, 2], [1], AS_IT_IS)
    with pytest.raises(InvalidInput, match="differ in shape"):
        expected_rows_from_counts([0.1, 0.2, 0.3], [1, 2], [1, 2], AS_IT_IS)
    with pytest.raises(InvalidInput, match="not negative"):
        expected_rows_from_counts([0.1], [-1], [1], AS_IT_IS)
    with pytest.raises(InvalidInput, match="more positives"):
        expected_rows_from_counts([0.1], [1], [1], AS_IT_IS, flagged_positives=[1.5])
    with pytest.raises(InvalidInput, match="differ in shape"):
        expected_rows_from_counts([0.1], [1], [1], AS_IT_IS, other_positives=[0.1, 0.2])
