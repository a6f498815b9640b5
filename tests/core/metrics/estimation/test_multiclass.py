import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from core.errors import InvalidInput
from core.metrics.estimation import (
    Calibrator,
    ClassEstimate,
    Reason,
    class_sampling_errors,
    estimate_classes,
    fit_class_calibrators,
)
from core.metrics.estimation.nannyml import fit_compat_calibrator
from tests.core.metrics.estimation.data import prepaid_card, published

ENDS = np.array([0.0, 1.0])
AS_IT_IS = Calibrator(ENDS, ENDS, Reason.already_calibrated, 0.0, 0.0, 9)
HALVED = Calibrator(ENDS, ENDS / 2, Reason.improves, 0.0, 0.0, 9)
NOTHING = Calibrator(ENDS, ENDS * 0, Reason.improves, 0.0, 0.0, 9)
CLASSES = ("highstreet_card", "prepaid_card", "upmarket_card")


def scores_of(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: rows[f"y_pred_proba_{name}"].to_numpy() for name in CLASSES}


def test_two_rows_by_hand() -> None:
    # Probabilities .6 .3 .1 and .2 .7 .1; predicted a and b.
    scores = {"a": [0.6, 0.2], "b": [0.3, 0.7], "c": [0.1, 0.1]}
    found = estimate_classes(scores, ["a", "b"], dict.fromkeys(scores, AS_IT_IS))
    assert found["accuracy"].overall == pytest.approx((0.6 + 0.7) / 2)
    assert found["precision"].classes["a"] == pytest.approx(0.6)
    assert found["recall"].classes["a"] == pytest.approx(0.6 / 0.8)
    assert found["recall"].classes["c"] == 0
    assert np.isnan(found["precision"].overall)  # nothing was predicted to be c
    # Of class a: pairs won 0.6 · 0.8, lost 0.4 · 0.2, tied within a row 0.6 · 0.4 and 0.2 · 0.8.
    won, tied = 0.6 * 0.8, 0.6 * 0.4 + 0.2 * 0.8
    assert found["roc_auc"].classes["a"] == pytest.approx((won + tied / 2) / (0.8 * 1.2))


def test_calibrated_scores_of_a_row_add_up_to_one() -> None:
    # .6 and .4 / 2 become .75 and .25; where all are 0 the classes are equal.
    found = estimate_classes({"a": [0.6], "b": [0.4]}, ["a"], {"a": AS_IT_IS, "b": HALVED})
    assert found["accuracy"].overall == pytest.approx(0.75)
    even = estimate_classes({"a": [0.6], "b": [0.4]}, ["a"], {"a": NOTHING, "b": NOTHING})
    assert even["accuracy"].overall == 0.5


def test_simulated_classes_are_estimated_within_their_error() -> None:
    # 60 chunks of rows whose scores are their probabilities; scikit-learn's macro figures.
    random = np.random.default_rng(8)
    names = np.array(["a", "b", "c"])
    departures: dict[str, list[float]] = {}
    for chunk in range(61):
        raw = random.dirichlet([1.0, 1.5, 2.0], 1_000)
        came = names[(random.random((1_000, 1)) > raw.cumsum(axis=1)[:, :2]).sum(axis=1)]
        said = names[raw.argmax(axis=1)]
        scores = dict(zip(names.tolist(), raw.T, strict=True))
        if chunk == 0:
            calibrators = dict.fromkeys(scores, AS_IT_IS)
            errors, by_class = class_sampling_errors(scores, said, came)
            continue
        found = estimate_classes(scores, said, calibrators)
        for name, theirs in (
            ("accuracy", accuracy_score(came, said)),
            ("f1", f1_score(came, said, average="macro")),
            ("precision", precision_score(came, said, average="macro")),
            ("recall", recall_score(came, said, average="macro")),
            ("roc_auc", roc_auc_score(came, raw, multi_class="ovr", labels=names)),
        ):
            scaled = (theirs - found[name].overall) / errors.of(name, 1_000)
            departures.setdefault(name, []).append(float(scaled))
    assert set(by_class) == {"a", "b", "c"}
    for name, values in departures.items():
        assert abs(np.mean(values)) < 4 / np.sqrt(60), name
        assert np.std(values) < 1.3, name


@pytest.mark.parametrize("part", ["reference", "analysis"])
def test_every_chunk_agrees_with_nannyml(part: str) -> None:
    reference = prepaid_card("reference")
    calibrators = {
        name: fit_compat_calibrator(score, reference["y_true"] == name)
        for name, score in scores_of(reference).items()
    }
    # Only the second class is left as it is: calibrating would raise its error.
    assert [line.reason for line in calibrators.values()] == [
        Reason.improves,
        Reason.already_calibrated,
        Reason.improves,
    ]
    want = published("nannyml_cbpe_prepaid_card")
    first = 0 if part == "reference" else 10
    rows = prepaid_card(part)
    for place in range(10):
        chunk = rows.iloc[6_000 * place : 6_000 * (place + 1)]
        found = estimate_classes(scores_of(chunk), chunk["y_pred"], calibrators)
        for name in ("accuracy", "f1", "precision", "recall"):
            theirs = want[f"{name}_value"][first + place]
            assert found[name].overall == pytest.approx(theirs, abs=1e-9), name
        # nannyml cuts rows of equal scores where its sort left them, though after the division by
        # the row's sum their probabilities differ; here they count together.
        area = want["roc_auc_value"][first + place]
        assert found["roc_auc"].overall == pytest.approx(area, abs=5e-6)


def test_sampling_errors_are_nannymls_where_they_are_the_same() -> None:
    rows = prepaid_card("reference")
    errors, _ = class_sampling_errors(scores_of(rows), rows["y_pred"], rows["y_true"])
    want = published("nannyml_cbpe_prepaid_card").iloc[0]
    for name in ("accuracy", "precision", "recall"):
        theirs = want[f"{name}_sampling_error"]
        assert float(errors.of(name, 6_000)) == pytest.approx(theirs, rel=1e-6), name
    for name in ("f1", "roc_auc"):
        assert errors.of(name, 6_000) > want[f"{name}_sampling_error"], name


def test_ours_are_near_what_came_where_nothing_has_shifted() -> None:
    reference, rows = prepaid_card("reference"), prepaid_card("analysis").iloc[:6_000]
    found = estimate_classes(
        scores_of(rows),
        rows["y_pred"],
        fit_class_calibrators(scores_of(reference), reference["y_true"]),
    )
    assert isinstance(found["f1"], ClassEstimate)
    errors, _ = class_sampling_errors(
        scores_of(reference), reference["y_pred"], reference["y_true"]
    )
    came = accuracy_score(rows["y_true"], rows["y_pred"])
    assert abs(found["accuracy"].overall - came) < 3 * errors.of("accuracy", 6_000)


def test_no_rows_are_no_figure() -> None:
    found = estimate_classes({"a": [], "b": []}, [], {"a": AS_IT_IS, "b": AS_IT_IS})
    assert all(np.isnan(each.overall) for each in found.values())


def test_wrong_rows_are_refused() -> None:
    lines = {"a": AS_IT_IS, "b": AS_IT_IS}
    with pytest.raises(InvalidInput, match="Every class"):
        estimate_classes({"a": [0.1]}, ["a"], lines)
    with pytest.raises(InvalidInput, match="Every class"):
        estimate_classes({"a": [0.1], "b": [0.1, 0.9]}, ["a"], lines)
    with pytest.raises(InvalidInput, match="no score"):
        estimate_classes({"a": [0.1], "b": [0.9]}, ["c"], lines)
