"""Confidence-based performance estimation of several classes, each against all others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Floats
from core.metrics.estimation.calibration import Calibrator, fit_calibrator
from core.metrics.estimation.cbpe import ExpectedRows, expected_rows_from_counts
from core.metrics.estimation.sampling_error import SamplingErrors, fit_sampling_errors
from core.metrics.performance import ClassMatrix, Confusion, multiclass_figures, score_counts

CLASSES_MESSAGE = N_("Every class needs a score of each row and a calibration.")
_TOGETHER = ("roc_auc", "f1")
_APART = ("precision", "recall")
UNKNOWN_CLASS_MESSAGE = N_("A row has a class that has no score.")


@dataclass(frozen=True, slots=True, eq=False)
class ClassEstimate:
    """Estimates of one figure.

    Parameters
    ----------
    overall : float
        The share of rows for the accuracy, else the plain mean over the classes.
    classes : mapping of str to float
        Each class against all others.
    """

    overall: float
    classes: Mapping[str, float]


def fit_class_calibrators(
    scores: Mapping[str, ArrayLike], labels: ArrayLike, *, folds: int = 10, seed: int = 0
) -> Mapping[str, Calibrator]:
    """Learn a calibration of each class against all others from the reference.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        By class: the probability that the model gave it.
    labels : array_like of str, shape (n,)
        What the class was.
    folds, seed : int
        Of the cross-validation.

    Raises
    ------
    core.errors.InvalidInput
        If a label has no score, or numbers of rows differ.
    """
    came = _classes(labels, scores)
    return {
        name: fit_calibrator(score, came == name, folds=folds, seed=seed)
        for name, score in scores.items()
    }


def estimate_classes(
    scores: Mapping[str, ArrayLike], predicted: ArrayLike, calibrators: Mapping[str, Calibrator]
) -> Mapping[str, ClassEstimate]:
    """Estimate the figures of rows without outcomes.

    The calibrated scores of a row are divided by their sum, so that they are the probabilities of
    its classes; a row of which every class has 0 gets equal ones.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        By class: the probability that the model gave it.
    predicted : array_like of str, shape (n,)
        The class that was predicted.
    calibrators : mapping of str to Calibrator
        Of :func:`fit_class_calibrators`.

    Returns
    -------
    mapping of str to ClassEstimate
        By metric id: accuracy, roc_auc, f1, precision, recall.

    Raises
    ------
    core.errors.InvalidInput
        If scores and calibrators are not of the same classes, a prediction is of none of them, or
        numbers of rows differ.
    """
    if set(scores) != set(calibrators) or len(scores) < 2:
        raise InvalidInput(CLASSES_MESSAGE)
    said = _classes(predicted, scores)
    names = tuple(scores)
    raw = np.stack([np.asarray(scores[name], dtype=np.float64) for name in names])
    shares = _probabilities(raw, [calibrators[name] for name in names])
    matrix = np.stack([shares[:, said == name].sum(axis=1) for name in names], axis=1)
    expected = {
        name: _against_rest(raw[place], said == name, shares[place], calibrators[name]).counts
        for place, name in enumerate(names)
    }
    found = multiclass_figures(ClassMatrix.of(names, matrix), expected)
    return {
        metric: ClassEstimate(
            float(figure.overall.value),
            {name: float(each.value) for name, each in figure.classes.items()},
        )
        for metric, figure in found.items()
    }


def class_sampling_errors(
    scores: Mapping[str, ArrayLike], predicted: ArrayLike, labels: ArrayLike, *, seed: int = 0
) -> tuple[SamplingErrors, Mapping[str, SamplingErrors]]:
    """Learn the spreads of the figures from the labelled reference, overall and by class.

    Precision and recall of different classes look at different rows, so their errors are
    independent. The error of the mean ROC AUC and F1 is taken as the mean of theirs, which is no
    less than the truth.

    Parameters
    ----------
    scores, predicted : as in :func:`estimate_classes`
    labels : array_like of str, shape (n,)
        What the class was.
    seed : int
        Of the bootstrap of the average precision.
    """
    said, came = _classes(predicted, scores), _classes(labels, scores)
    by_class = {}
    for name, score in scores.items():
        flagged, positive = said == name, came == name
        tp, fp, fn = (
            float(both.sum())
            for both in (flagged & positive, flagged & ~positive, ~flagged & positive)
        )
        by_class[name] = fit_sampling_errors(
            score_counts(score, positive),
            Confusion.of(tp, fp, fn, said.size - tp - fp - fn),
            seed=seed,
        )
    spreads = {metric: _overall(metric, by_class) for metric in (*_TOGETHER, *_APART)}
    right = float((said == came).mean())
    spreads["accuracy"] = float(np.sqrt(right * (1 - right)))
    return SamplingErrors(spreads, float(said.size)), by_class


def _overall(metric: str, by_class: Mapping[str, SamplingErrors]) -> float:
    spreads = np.array([each.spreads[metric] for each in by_class.values()])
    return float(np.sqrt((spreads**2).sum()) / spreads.size if metric in _APART else spreads.mean())


def _classes(values: ArrayLike, scores: Mapping[str, ArrayLike]) -> AnyArray:
    found = np.asarray([str(value) for value in np.asarray(values, dtype=object)], dtype=np.str_)
    if any(np.shape(score) != found.shape for score in scores.values()):
        raise InvalidInput(CLASSES_MESSAGE)
    if not np.isin(found, list(scores)).all():
        raise InvalidInput(UNKNOWN_CLASS_MESSAGE)
    return found


def _probabilities(raw: Floats, calibrators: list[Calibrator]) -> Floats:
    """Return probabilities of the classes that add up to 1, shape (K, n)."""
    each = np.stack([line.predict(score) for line, score in zip(calibrators, raw, strict=True)])
    total = each.sum(axis=0)
    result: Floats = np.full(each.shape, 1 / each.shape[0])
    np.divide(each, total, out=result, where=total > 0)
    return result


def _against_rest(
    score: Floats, flagged: AnyArray, share: Floats, calibrator: Calibrator
) -> ExpectedRows:
    distinct, place = np.unique(score, return_inverse=True)
    size = max(distinct.size, 1)
    rows, others, hits, missed = (
        np.bincount(place, weight, size)
        for weight in (flagged * 1.0, ~flagged * 1.0, share * flagged, share * ~flagged)
    )
    return expected_rows_from_counts(
        distinct if distinct.size else np.zeros(1),
        rows,
        others,
        calibrator,
        flagged_positives=hits,
        other_positives=missed,
    )
