import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from core.errors import InvalidInput, NotComputable
from core.metrics.estimation import (
    REASONS,
    Calibrator,
    Reason,
    calibration_error,
    fit_calibrator,
    fit_calibrator_from_counts,
)
from core.metrics.estimation.calibration import isotonic
from core.metrics.estimation.nannyml import held_out_errors
from tests.core.metrics.estimation.data import car_loan


def distorted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores whose true probability is their square, and outcomes."""
    random = np.random.default_rng(seed)
    scores = random.integers(0, 101, n) / 100
    return scores, (random.random(n) < scores**2).astype(float)


def test_knots_by_hand() -> None:
    # Shares 0, 1/2, 1/4, 1 at 0.1 … 0.4 of weights 2, 2, 4, 1: the falling pair pools to 2/6.
    knots, heights = isotonic(
        np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1, 1, 1]), np.array([2.0, 1, 3, 0])
    )
    line = Calibrator(knots, heights, Reason.improves, 0.0, 0.0, 9)
    np.testing.assert_allclose(line.predict([0.1, 0.2, 0.3, 0.4]), [0, 1 / 3, 1 / 3, 1])
    np.testing.assert_allclose(line.predict([0.0, 0.15, 0.35, 0.9]), [0, 1 / 6, 2 / 3, 1])
    assert line.outside([0.05, 0.1, 0.4, 0.5]).tolist() == [True, False, False, True]


def test_equals_scikit_learns_isotonic_regression_of_the_rows() -> None:
    scores, labels = distorted(3_000, 1)
    line = fit_calibrator(scores, labels)
    theirs = IsotonicRegression(out_of_bounds="clip", increasing=True).fit(scores, labels)
    asked = np.linspace(-0.2, 1.2, 1_401)
    np.testing.assert_allclose(line.predict(asked), theirs.predict(asked), atol=1e-12)
    assert line.reason is Reason.improves
    assert line.error_before > 0.1 > 0.03 > line.error_after


def test_rows_and_their_counts_give_one_calibrator() -> None:
    scores, labels = distorted(2_000, 2)
    distinct, place = np.unique(scores, return_inverse=True)
    hits = np.bincount(place, labels)
    rows = np.bincount(place)
    order = np.random.default_rng(0).permutation(distinct.size)
    counted = fit_calibrator_from_counts(distinct[order], hits[order], (rows - hits)[order])
    assert counted.to_json() == fit_calibrator(scores, labels).to_json()


def test_a_bin_without_rows_changes_nothing() -> None:
    plain = fit_calibrator_from_counts([0.2, 0.8], [10, 90], [190, 10])
    with_hole = fit_calibrator_from_counts([0.2, np.nan, 0.8], [10, 0, 90], [190, 0, 10])
    assert plain.to_json() == with_hole.to_json()


def test_calibrated_scores_are_left_as_they_are() -> None:
    # In each bin the share of positives is the score: no calibration can be nearer.
    scores = np.arange(1, 10) / 10
    line = fit_calibrator_from_counts(scores, scores * 1_000, (1 - scores) * 1_000)
    assert line.reason is Reason.already_calibrated
    assert line.error_before == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(line.predict(scores), scores)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [([1, 1, 1, 1], Reason.one_class), ([0, 0, 1, 1], Reason.separated)],
)
def test_nothing_is_learned_by_heart(labels: list[int], reason: Reason) -> None:
    line = fit_calibrator([0.1, 0.2, 0.3, 0.4], labels)
    assert line.reason is reason
    assert np.isnan(line.error_before)
    np.testing.assert_array_equal(line.predict([0.25, 0.75]), [0.25, 0.75])
    assert set(REASONS) == set(Reason)


def test_more_folds_than_rows_are_no_calibration() -> None:
    # With one fold nothing is left to learn from.
    line = fit_calibrator([0.2, 0.8, 0.5, 0.4], [1, 0, 1, 0], folds=1)
    assert line.reason is Reason.already_calibrated


def test_the_calibration_error_by_hand() -> None:
    # Two groups of ten rows: |2 - 10·0.1| + |7 - 10·0.9| over 20.
    found = calibration_error(
        np.array([0.9, 0.1]), np.array([7.0, 2.0]), np.array([10.0, 10.0]), groups=2
    )
    assert found == pytest.approx(3 / 20)


def test_the_car_loan_errors_are_those_published() -> None:
    # nannyml 0.13.1 on its bundled data: 0.02761 before and 0.00307 after calibration.
    reference: pd.DataFrame = car_loan("reference")
    before, after = held_out_errors(reference["y_pred_proba"], reference["repaid"])
    assert (round(before, 5), round(after, 5)) == (0.02761, 0.00307)
    ours = fit_calibrator(reference["y_pred_proba"], reference["repaid"])
    assert ours.reason is Reason.improves
    assert ours.error_before == pytest.approx(before, abs=0.002)
    assert ours.error_after == pytest.approx(after, abs=0.002)


def test_it_can_be_stored() -> None:
    line = fit_calibrator(*distorted(500, 3))
    again = Calibrator.from_json(line.to_json())
    np.testing.assert_array_equal(again.scores, line.scores)
    np.testing.assert_array_equal(again.probabilities, line.probabilities)
    assert again.to_json() == line.to_json()
    bare = fit_calibrator([0.1, 0.2], [1, 1])
    assert np.isnan(Calibrator.from_json(bare.to_json()).error_after)


@pytest.mark.parametrize(
    "change",
    [
        {"scores": [0.2, 0.1]},
        {"probabilities": [0.9, 0.1]},
        {"probabilities": [0.1, 1.1]},
        {"scores": [0.1]},
        {"scores": [], "probabilities": []},
        {"reason": "because"},
        {"error_before": "x"},
    ],
)
def test_a_stored_text_of_somebody_else_is_refused(change: dict[str, object]) -> None:
    sound = {
        **{"scores": [0.1, 0.2], "probabilities": [0.1, 0.2], "reason": "improves"},
        **{"error_before": None, "error_after": 0.1, "rows": 7},
    }
    assert Calibrator.from_json(json.dumps(sound)).rows == 7
    with pytest.raises(InvalidInput, match="not one of ours"):
        Calibrator.from_json(json.dumps(sound | change))


@pytest.mark.parametrize("text", ["", "[]", "{}", "7"])
def test_what_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not one of ours"):
        Calibrator.from_json(text)


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([0.1], [2], "0 or 1"),
        ([0.1, 0.2], [1], "one score"),
        ([1.1, 0.2], [1, 0], "probability"),
        ([np.nan, 0.2], [1, 0], "probability"),
    ],
)
def test_wrong_rows_are_refused(scores: list[float], labels: list[int], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fit_calibrator(scores, labels)


def test_wrong_counts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not negative"):
        fit_calibrator_from_counts([0.1], [-1], [2])
    with pytest.raises(InvalidInput, match="one score"):
        fit_calibrator_from_counts([0.1], [1, 2], [2, 3])
    with pytest.raises(NotComputable, match="labelled rows"):
        fit_calibrator_from_counts([0.1], [0], [0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 300))
def test_the_line_rises_within_0_and_1_and_keeps_the_mean(seed: int, n: int) -> None:
    scores, labels = distorted(n, seed)
    line = fit_calibrator(scores, labels)
    asked = line.predict(np.linspace(-1, 2, 301))
    assert (np.diff(asked) >= 0).all()
    assert ((asked >= 0) & (asked <= 1)).all()
    if line.reason is Reason.improves:
        assert line.predict(scores).mean() == pytest.approx(labels.mean(), abs=1e-9)
