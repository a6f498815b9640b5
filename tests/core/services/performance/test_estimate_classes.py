"""Several classes through the service: scikit-learn for what came, the estimator for the rest."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from core.domain.identity import Actor
from core.metrics.estimation import (
    class_sampling_errors,
    estimate_classes,
    fit_class_calibrators,
)
from core.services.performance import Estimates, Performance, estimates_beside, performance
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.estimating import (
    CARDS,
    CLASSES,
    LIKELIEST,
    MARCH,
    add,
    build_estimating,
    holdout,
    logged,
    register,
)

NAMES = ("accuracy", "roc_auc", "f1", "precision", "recall")
Built = tuple[Workspace, Actor]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    workspace, owner = build_estimating(tmp_path_factory.mktemp("cards") / "home", CARDS)
    yield workspace, owner
    workspace.store.close()


def ask(built: Built, **question: str) -> tuple[Performance, Estimates]:
    found = performance(built[0], Question("cards", **question), actor=built[1])
    return found, estimates_beside(built[0], found)


def scores(rows: pd.DataFrame) -> dict[str, Any]:
    return {name: rows[f"y_pred_proba_{name}"].to_numpy() for name in CLASSES}


def theirs(
    rows: pd.DataFrame, reference: pd.DataFrame, said: str = "y_pred"
) -> dict[str, np.ndarray[Any, Any]]:
    """Second route: the estimator on the rows themselves, without service or lake."""
    calibrators = fit_class_calibrators(scores(reference), reference["y_true"])
    parts = [
        estimate_classes(scores(part), part[said], calibrators) for _, part in rows.groupby("month")
    ]
    return {name: np.array([part[name].overall for part in parts]) for name in NAMES}


def test_what_came_equals_scikit_learns(built: Built) -> None:
    found, _ = ask(built)
    for place in (0, 1):
        part = logged("cards").query("month == @place")
        came, said = part["y_true"], part["y_pred"]
        each = [sk.roc_auc_score(came == name, score) for name, score in scores(part).items()]
        wanted = {
            "accuracy": sk.accuracy_score(came, said),
            "f1": sk.f1_score(came, said, average="macro"),
            "precision": sk.precision_score(came, said, average="macro"),
            "recall": sk.recall_score(came, said, average="macro"),
            # Scores of two decimals lie in cells of their own, so nothing is lost.
            "roc_auc": float(np.mean(each)),
        }
        for name, value in wanted.items():
            figure = found.figures[name]
            assert figure.value[place] == pytest.approx(value, abs=1e-9), name
            assert figure.low[place] < value < figure.high[place], name
    assert np.isnan(found.figures["roc_auc"].value[2])
    assert tuple(found.figures) == NAMES


def test_every_month_is_estimated(built: Built) -> None:
    _, said = ask(built)
    rows, reference = logged("cards"), holdout("cards")
    errors, _ = class_sampling_errors(scores(reference), reference["y_pred"], reference["y_true"])
    wanted = theirs(rows, reference)
    assert said.reason is None
    assert tuple(said.figures) == NAMES
    for name in NAMES:
        band = said.figures[name].band
        np.testing.assert_allclose(band.value, wanted[name], rtol=1e-9, err_msg=name)
        reach = 3 * errors.of(name, [6_000.0, 6_000.0, MARCH])
        assert band.low[0] == pytest.approx(wanted[name][0] - reach[0]), name


def test_concept_drift_shows_once_the_labels_have_come(built: Built) -> None:
    # What scores mean has changed in February, though they look alike: docs/estimation.md.
    found, said = ask(built)
    for name in NAMES:
        concept = said.figures[name].concept
        assert concept.alarm.tolist() == [False, True, False], name
        fell = found.figures[name].value[1] - said.figures[name].band.value[1]
        assert concept.effect[1] == pytest.approx(fell)
        assert (said.figures[name].coverage.covered, said.figures[name].coverage.judged) == (1, 2)


def test_a_period_that_is_not_final_is_estimated_as_a_whole(built: Built) -> None:
    found, said = ask(built, by="all")
    assert found.maturity[0].state == "partial"  # March is young
    assert said.figures["accuracy"].coverage.judged == 0
    whole = theirs(logged("cards").assign(month=0), holdout("cards"))["accuracy"]
    np.testing.assert_allclose(said.figures["accuracy"].band.value, whole, rtol=1e-9)


def test_without_a_logged_prediction_the_likeliest_class_counts(built: Built) -> None:
    add(*built, LIKELIEST)
    found = performance(built[0], Question("likeliest"), actor=built[1])
    said = estimates_beside(built[0], found)
    rows, reference = (
        part.assign(likeliest=np.asarray(CLASSES)[np.argmax([*scores(part).values()], axis=0)])
        for part in (logged("likeliest"), holdout("likeliest"))
    )
    wanted = theirs(rows, reference, "likeliest")
    for name in NAMES:
        np.testing.assert_allclose(said.figures[name].band.value, wanted[name], rtol=1e-9)
    first = rows.query("month == 0")
    right = (first["likeliest"] == first["y_true"]).mean()
    assert found.figures["accuracy"].value[0] == pytest.approx(right)


def test_a_period_of_the_log_teaches_as_well(built: Built) -> None:
    period = {"from": "2024-01-01", "to": "2024-01-31"}
    try:
        register(*built, {**CARDS, "performance_reference": period})
        _, said = ask(built)
    finally:
        register(*built, CARDS)
    rows = logged("cards")
    wanted = theirs(rows, rows[rows["month"] == 0])
    assert said.reason is None
    for name in NAMES:  # calibrations do not depend on the order of the rows but for their folds
        np.testing.assert_allclose(said.figures[name].band.value, wanted[name], rtol=1e-3)


def test_why_there_is_no_estimate(built: Built) -> None:
    try:
        register(*built, {key: v for key, v in CARDS.items() if key != "performance_reference"})
        found, said = ask(built)
    finally:
        register(*built, CARDS)
    assert "names no labelled rows" in str(said.reason)
    assert found.figures["roc_auc"].value[0] > 0.5
