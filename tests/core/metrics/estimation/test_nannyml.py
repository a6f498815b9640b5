"""Conformance with nannyml 0.13.1: every chunk of its estimates for the car-loan data."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from core.errors import InvalidInput
from core.metrics.estimation import Calibrator, Reason
from core.metrics.estimation.nannyml import (
    CompatEstimates,
    Normalise,
    compat_rows,
    estimates,
    fit_compat_calibrator,
    held_out_errors,
)
from core.metrics.estimation.nannyml_figures import Rows
from tests.core.metrics.estimation.data import car_loan, prepaid_card, published

VALUES = [[10, -50], [-20, 100]]
SHARES = ("roc_auc", "average_precision", "f1", "precision", "recall", "specificity", "accuracy")
CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")
CASES: list[tuple[str, str, Normalise, bool]] = [
    *((name, name, None, False) for name in (*SHARES, *CELLS, "business_value")),
    *((f"{name}_by_all", name, "all", False) for name in CELLS),
    *((f"{name}_by_true", name, "true", False) for name in CELLS),
    *((f"{name}_by_pred", name, "pred", False) for name in CELLS),
    ("business_value_per_prediction", "business_value", None, True),
]


@cache
def calibrator() -> Calibrator:
    rows = car_loan("reference")
    return fit_compat_calibrator(rows["y_pred_proba"], rows["repaid"])


@cache
def chunks(part: str) -> list[Rows]:
    rows = car_loan(part)
    return [
        compat_rows(
            chunk["y_pred_proba"],
            chunk["y_pred"],
            chunk["repaid"],
        )
        for chunk in (rows.iloc[start : start + 5_000] for start in range(0, len(rows), 5_000))
    ]


def ours(figure: str, normalise: Normalise, per_prediction: bool) -> CompatEstimates:
    return estimates(
        figure,
        chunks("reference"),
        chunks("analysis"),
        calibrator(),
        normalise=normalise,
        values=VALUES,
        per_prediction=per_prediction,
    )


@pytest.mark.parametrize(("column", "figure", "normalise", "per_prediction"), CASES)
def test_every_chunk_agrees_with_nannyml(
    column: str, figure: str, normalise: Normalise, per_prediction: bool
) -> None:
    found = ours(figure, normalise, per_prediction)
    want: pd.DataFrame = published("nannyml_cbpe_car_loan")
    # nannyml's bootstrap of the average precision has no seed: 50 draws know a spread to 10 %. Its
    # error of the ROC AUC depends on where numpy's sort leaves equal scores.
    loose = {"average_precision": 0.4, "roc_auc": 1e-3}.get(figure, 1e-6)
    of_band = {"average_precision": 4e-3, "roc_auc": 1e-5}.get(figure, 1e-6)
    for name, value, tolerance in (
        ("value", found.value, 1e-6),
        ("realized", found.realised, 1e-6),
        ("lower_threshold", np.full(20, found.lower_threshold), 1e-6),
        ("upper_threshold", np.full(20, found.upper_threshold), 1e-6),
        ("sampling_error", found.sampling_error, loose),
        ("lower_confidence_boundary", found.lower, of_band),
        ("upper_confidence_boundary", found.upper, of_band),
    ):
        theirs = want[f"{column}_{name}"].to_numpy()
        np.testing.assert_allclose(value, theirs, rtol=tolerance, atol=1e-9, err_msg=name)
    assert found.alert.tolist() == want[f"{column}_alert"].tolist()


def test_a_chunk_without_outcomes_is_estimated_all_the_same() -> None:
    labelled = chunks("analysis")[0]
    bare = compat_rows(labelled.scores, labelled.flagged)
    found = estimates("recall", chunks("reference"), [bare], calibrator())
    assert found.value[10] == ours("recall", None, False).value[10]
    assert np.isnan(found.realised).tolist() == [False] * 10 + [True]


@pytest.mark.parametrize(
    ("figure", "degraded"),
    [
        *((name, 5) for name in ("roc_auc", "average_precision", "f1", "accuracy")),
        *(("business_value", 5), ("true_positive", 5), ("true_negative", 5)),
        *(("recall", 0), ("precision", 2), ("specificity", 3)),
        *(("false_negative", 0), ("false_positive", 2)),
    ],
)
def test_its_band_fails_where_inputs_have_shifted(figure: str, degraded: int) -> None:
    # Of the ten chunks of the analysis, the inputs of the last five were changed.
    found = ours(figure, None, False)
    within = (found.realised >= found.lower) & (found.realised <= found.upper)
    assert (within[10:15].sum(), within[15:].sum()) == (5, degraded)


def test_its_value_per_prediction_is_no_mean() -> None:
    # The mean value of a row is the total over the rows; nannyml's is about twice that.
    total = ours("business_value", None, False).value[0] / 5_000
    assert ours("business_value", None, True).value[0] > 1.5 * total


def test_its_decision_to_calibrate() -> None:
    assert calibrator().reason is Reason.improves
    before, after = calibrator().error_before, calibrator().error_after
    assert (round(before, 5), round(after, 5)) == (0.02761, 0.00307)
    one = fit_compat_calibrator([0.1, 0.9], [1, 1])
    assert one.reason is Reason.one_class
    apart = fit_compat_calibrator([0.1, 0.9], [0, 1])
    assert apart.reason is Reason.separated
    rows = prepaid_card("reference")
    scores = rows["y_pred_proba_prepaid_card"].to_numpy()
    honest = fit_compat_calibrator(scores, rows["y_true"] == "prepaid_card")
    assert honest.reason is Reason.already_calibrated
    np.testing.assert_array_equal(honest.predict(scores), scores)


def test_a_short_reference_has_fewer_bins() -> None:
    # Ten test parts of two rows of twenty: twenty rows, so ten bins of two.
    random = np.random.default_rng(2)
    scores = random.random(20)
    before, after = held_out_errors(scores, np.tile([0, 1], 10))
    assert 0 < before < 1
    assert 0 < after < 1


def test_ranks_of_the_rarer_class_lose_the_lowest() -> None:
    # By hand: positives at ranks 0 and 3 of five rows; nannyml loses rank 0, and one placement of
    # 3 - 0 = 3 of three negatives is left, which spreads by nothing.
    rows = compat_rows([0.1, 0.2, 0.3, 0.4, 0.5], [0, 0, 0, 1, 1], [1, 0, 0, 1, 0])
    found = estimates("roc_auc", [rows], [], calibrator())
    assert found.sampling_error[0] == 0


def test_where_positives_prevail_the_negatives_are_placed() -> None:
    # By hand: from the highest score down, negatives at ranks 1 and 4 of five rows have 1 and 3 of
    # the three positives before them: placements 1/3 and 1, deviation 1/3, of two rows.
    rows = compat_rows([0.1, 0.2, 0.3, 0.4, 0.5], [0, 0, 0, 1, 1], [0, 1, 1, 0, 1])
    found = estimates("roc_auc", [rows], [], calibrator())
    assert found.sampling_error[0] == pytest.approx(1 / 3 / np.sqrt(2))


def test_nothing_flagged_is_zero() -> None:
    rows = compat_rows([0.1, 0.9], [0, 0], [0, 1])
    for name in ("precision", "recall", "f1"):
        assert estimates(name, [rows], [], calibrator()).realised[0] == 0


def test_wrong_rows_are_refused() -> None:
    labelled, bare = compat_rows([0.1], [0], [0]), compat_rows([0.1], [0])
    with pytest.raises(InvalidInput, match="does not estimate gini"):
        estimates("gini", [labelled], [], calibrator())
    with pytest.raises(InvalidInput, match="does not estimate recall"):
        estimates("recall", [bare], [], calibrator())
    with pytest.raises(InvalidInput, match="does not estimate recall"):
        estimates("recall", [], [bare], calibrator())
    for labels in ([0, 1], None):
        with pytest.raises(InvalidInput, match="one score"):
            compat_rows([0.1], [0, 1] if labels is None else [0], labels)
