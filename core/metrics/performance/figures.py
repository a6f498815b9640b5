"""All figures of a kind of model at once, by the ids of the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance.bootstrap import Figure, Remember, anew, bootstrap_many
from core.metrics.performance.calibration_interval import down_to_chance
from core.metrics.performance.confusion import (
    CellValues,
    Confusion,
    accuracy,
    business_value,
    f1,
    precision,
    recall,
    specificity,
)
from core.metrics.performance.means import within
from core.metrics.performance.multiclass import (
    ClassMatrix,
    macro_interval,
    multiclass_accuracy,
)
from core.metrics.performance.probability import (
    brier_score,
    expected_calibration_error,
    log_loss,
)
from core.metrics.performance.ranking import (
    average_precision,
    gini,
    kolmogorov_smirnov_of_score,
)
from core.metrics.performance.regression import (
    ErrorSums,
    bias,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    root_mean_squared_error,
    root_mean_squared_log_error,
    weighted_absolute_percentage_error,
)
from core.metrics.performance.roc import roc_auc_from_counts
from core.metrics.performance.scores import ScoreCounts

_OF_CELLS: Mapping[str, Callable[..., Interval]] = {
    "f1": f1,
    "precision": precision,
    "recall": recall,
    "specificity": specificity,
    "accuracy": accuracy,
}
_DRAWN: Mapping[str, Figure] = {
    "average_precision": lambda c: average_precision(c.positives, c.negatives),
    "expected_calibration_error": expected_calibration_error,
    "ks_of_score": lambda c: kolmogorov_smirnov_of_score(c.positives, c.negatives),
}
_OF_ERRORS: Mapping[str, Callable[..., Interval]] = {
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
    "rmse": root_mean_squared_error,
    "mape": mean_absolute_percentage_error,
    "wape": weighted_absolute_percentage_error,
    "rmsle": root_mean_squared_log_error,
    "bias": bias,
}
BINARY = (
    "roc_auc",
    "average_precision",
    *_OF_CELLS,
    "brier_score",
    "log_loss",
    "expected_calibration_error",
    "ks_of_score",
    "gini",
    "business_value",
)
"""Ids of the figures of a binary model, in the order in which they are shown."""
REGRESSION = tuple(_OF_ERRORS)
"""Ids of the figures of a regression."""
MULTICLASS = ("accuracy", "roc_auc", "f1", "precision", "recall")
"""Ids of the figures of a model of several classes."""


def binary_figures(
    counts: ScoreCounts,
    confusion: Confusion,
    *,
    values: CellValues | None = None,
    bootstrap: bool = False,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    most_bins: int | None = None,
    remember: Remember = anew,
) -> Mapping[str, Interval]:
    """Return every figure of a binary model.

    Parameters
    ----------
    counts : ScoreCounts
        Labelled rows by score bin, shape (..., B).
    confusion : Confusion
        The same rows by prediction and outcome, cells of shape (...).
    values : CellValues, optional
        Money a row of each cell; without it there is no business value.
    bootstrap : bool
        Whether to draw the counts again for the limits of the average precision, the expected
        calibration error and the KS of the score, which are NaN otherwise: it takes time.
    draws, seed : int
        Of the bootstrap.
    confidence : float
        Level of the intervals.
    most_bins : int, optional
        Neighbouring bins are drawn together where there are more, which takes less time.
    remember : callable
        Asked for the draws of each chunk by its own counts.

    Returns
    -------
    mapping of str to Interval, shape (...)
        By metric id, in the order of :data:`BINARY`. A figure that the rows do not give, such as
        the precision where nothing was flagged, is NaN and leaves the others as they are.

    Raises
    ------
    core.errors.InvalidInput
        If a count is negative or not finite.
    """
    area = roc_auc_from_counts(counts.positives, counts.negatives, confidence=confidence)
    found = {name: figure(confusion, confidence=confidence) for name, figure in _OF_CELLS.items()}
    found["roc_auc"] = Interval(area.value, area.low, area.high, area.positives + area.negatives)
    found["gini"] = gini(area)
    found["brier_score"] = brier_score(counts, confidence=confidence)
    found["log_loss"] = log_loss(counts, confidence=confidence)
    found |= _drawn(counts, draws if bootstrap else 0, seed, confidence, most_bins, remember)
    if values is not None:
        found["business_value"] = business_value(confusion, values, confidence=confidence)
    return {name: found[name] for name in BINARY if name in found}


def regression_figures(sums: ErrorSums, *, confidence: float = 0.95) -> Mapping[str, Interval]:
    """Return every figure of a regression by metric id, in the order of :data:`REGRESSION`.

    Parameters
    ----------
    sums : ErrorSums
        Of shape (...).
    confidence : float
        Level of the intervals.

    Returns
    -------
    mapping of str to Interval, shape (...)
        The MAE, RMSE and bias are in the unit of the measure, the MSE in its square; MAPE, WAPE
        and RMSLE are pure numbers.
    """
    return {name: figure(sums, confidence=confidence) for name, figure in _OF_ERRORS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class ClassFigure:
    """A figure of several classes.

    Parameters
    ----------
    overall : Interval, shape (...)
        The share of rows for the accuracy, else the plain mean over the classes.
    classes : mapping of str to Interval, shape (...)
        The figure of each class against all others.
    """

    overall: Interval
    classes: Mapping[str, Interval]


def multiclass_figures(
    matrix: ClassMatrix,
    scores: Mapping[str, ScoreCounts] | None = None,
    *,
    confidence: float = 0.95,
) -> Mapping[str, ClassFigure]:
    """Return every figure of a model of several classes.

    Parameters
    ----------
    matrix : ClassMatrix
        Labelled rows by actual and predicted class, shape (..., K, K).
    scores : mapping of str to ScoreCounts, optional
        By class: the rows by bins of that class's score, positive where it was the outcome, of
        shape (..., B). Without it there is no area under the ROC curve.
    confidence : float
        Level of the intervals.

    Returns
    -------
    mapping of str to ClassFigure
        By metric id, in the order of :data:`MULTICLASS`.

    Raises
    ------
    core.errors.InvalidInput
        If the classes of the scores are not those of the matrix.
    """
    rest = matrix.one_against_rest()
    by_class = {
        name: {each: _OF_CELLS[name](cells, confidence=confidence) for each, cells in rest.items()}
        for name in ("accuracy", "f1", "precision", "recall")
    }
    found = {
        "accuracy": ClassFigure(
            multiclass_accuracy(matrix, confidence=confidence), by_class["accuracy"]
        )
    }
    macro = partial(macro_interval, n=matrix.n)
    if scores is not None:
        areas = _areas(matrix, scores, confidence)
        found["roc_auc"] = ClassFigure(macro(areas), areas)
    found["f1"] = ClassFigure(macro(by_class["f1"]), by_class["f1"])
    for name in ("precision", "recall"):
        found[name] = ClassFigure(macro(by_class[name], independent=True), by_class[name])
    return found


def _areas(
    matrix: ClassMatrix, scores: Mapping[str, ScoreCounts], confidence: float
) -> Mapping[str, Interval]:
    found = {}
    for name in matrix.of_each(scores):
        counts = scores[name]
        area = roc_auc_from_counts(counts.positives, counts.negatives, confidence=confidence)
        found[name] = Interval(area.value, area.low, area.high, counts.n)
    return found


def _drawn(
    counts: ScoreCounts,
    draws: int,
    seed: int,
    confidence: float,
    most_bins: int | None,
    remember: Remember,
) -> Mapping[str, Interval]:
    """Return the figures whose limits are drawn; without draws, they are NaN."""
    if not draws:
        unknown: Floats = np.full(counts.n.shape, np.nan)
        return {
            name: Interval(np.asarray(figure(counts)), unknown, unknown, counts.n)
            for name, figure in _DRAWN.items()
        }
    drawn = bootstrap_many(
        _DRAWN,
        counts,
        draws=draws,
        seed=seed,
        confidence=confidence,
        most_bins=most_bins,
        remember=remember,
    )
    found = {name: within(figure, 0.0, 1.0) for name, figure in drawn.items()}
    error = "expected_calibration_error"
    found[error] = down_to_chance(
        found[error],
        counts,
        draws=draws,
        seed=seed,
        confidence=confidence,
        most_bins=most_bins,
        remember=remember,
    )
    return found
