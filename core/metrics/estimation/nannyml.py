"""NannyML's conventions of confidence-based performance estimation, for ``--compat nannyml``.

They differ from ours: ten overlapping test parts decide whether to calibrate; ties are cut where
the sort left them; the band ignores the negatives of the ROC curve and the denominator of F1; the
value per prediction divides each column of the matrix by the rows of its predicted class; alarms
compare the estimate with mean ± 3 population standard deviations of the reference's own chunks.
Conformance is tested against figures of nannyml 0.13.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats
from core.metrics.estimation.calibration import SEPARATED_FROM, Calibrator, Reason, isotonic
from core.metrics.estimation.nannyml_figures import FIGURES, Rows

DEVIATIONS = 3.0
SPLITS = 10
TEST_SHARE = 0.1
SPLIT_SEED = 42
BINS = 10

Normalise = Literal["all", "true", "pred"] | None


@dataclass(frozen=True, slots=True, eq=False)
class CompatEstimates:
    """One figure, reference chunks first.

    Parameters
    ----------
    value, sampling_error, lower, upper : ndarray, shape (chunks,)
        Estimate, its error and its confidence band.
    realised : ndarray, shape (chunks,)
        NaN for chunks without outcomes.
    lower_threshold, upper_threshold : float
        Of the estimate.
    alert : ndarray of bool, shape (chunks,)
        Whether the estimate is outside the thresholds.
    """

    value: Floats
    sampling_error: Floats
    lower: Floats
    upper: Floats
    realised: Floats
    lower_threshold: float
    upper_threshold: float
    alert: Booleans


def compat_rows(scores: ArrayLike, flagged: ArrayLike, labels: ArrayLike | None = None) -> Rows:
    """Return a chunk of rows in the order of time.

    Parameters
    ----------
    scores, flagged : array_like, shape (n,)
        Raw scores and predictions, 1 or 0.
    labels : array_like of 0/1, shape (n,), optional
        Outcomes; the reference has them.

    Raises
    ------
    core.errors.InvalidInput
        If the numbers of rows differ.
    """
    score, said = (np.asarray(part, dtype=np.float64) for part in (scores, flagged))
    came = None if labels is None else np.asarray(labels, dtype=np.float64)
    fits = score.ndim == 1 and score.shape == said.shape
    if not fits or (came is not None and came.shape != said.shape):
        raise InvalidInput(N_("Every label needs one score that is a number."))
    return Rows(score, said, score, came)


def held_out_errors(scores: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """Return the expected calibration error of NannyML's ten test parts, before and after.

    Parameters
    ----------
    scores, labels : array_like, shape (n,)
        The reference, in its own order: the split depends on it.
    """
    from sklearn.model_selection import StratifiedShuffleSplit  # noqa: PLC0415

    score, came = (np.asarray(part, dtype=np.float64) for part in (scores, labels))
    parts = StratifiedShuffleSplit(
        n_splits=SPLITS, test_size=TEST_SHARE, random_state=SPLIT_SEED
    ).split(score, came)
    held: list[tuple[Floats, Floats, Floats]] = []
    for train, test in parts:
        line = isotonic(score[train], came[train], 1 - came[train])
        held.append((came[test], score[test], np.interp(score[test], *line)))
    outcome, before, after = (np.concatenate(part) for part in zip(*held, strict=True))
    return _calibration_error(outcome, before), _calibration_error(outcome, after)


def fit_compat_calibrator(scores: ArrayLike, labels: ArrayLike) -> Calibrator:
    """Return the isotonic calibration if NannyML's test asks for it, else the score itself."""
    from core.metrics.performance import roc_auc  # noqa: PLC0415  # beside what it is compared with

    score, came = (np.asarray(part, dtype=np.float64) for part in (scores, labels))
    unchanged = np.array([0.0, 1.0])
    if np.unique(came).size == 1:
        return Calibrator(unchanged, unchanged, Reason.one_class, np.nan, np.nan, score.size)
    if roc_auc(score, came).value > SEPARATED_FROM:
        return Calibrator(unchanged, unchanged, Reason.separated, np.nan, np.nan, score.size)
    before, after = held_out_errors(score, came)
    if not before > after:
        reason = Reason.already_calibrated
        return Calibrator(unchanged, unchanged, reason, before, after, score.size)
    knots, heights = isotonic(score, came, 1 - came)
    return Calibrator(knots, heights, Reason.improves, before, after, score.size)


def estimates(
    figure: str,
    reference: Sequence[Rows],
    analysis: Sequence[Rows],
    calibrator: Calibrator,
    *,
    normalise: Normalise = None,
    values: ArrayLike | None = None,
    per_prediction: bool = False,
    seed: int = 0,
) -> CompatEstimates:
    """Estimate one figure of every chunk as NannyML does.

    Parameters
    ----------
    figure : str
        roc_auc, average_precision, f1, precision, recall, specificity, accuracy, business_value,
        or a cell: true_positive, false_positive, false_negative, true_negative.
    reference, analysis : sequence of Rows
        Chunks; those of the reference with outcomes.
    calibrator : Calibrator
        Of :func:`fit_compat_calibrator`, on all of the reference in its own order.
    normalise : {"all", "true", "pred"}, optional
        Of a cell: its share of all rows, of the rows of its outcome, or of its prediction.
    values : array_like, shape (2, 2), optional
        For business_value: [[true negative, false positive], [false negative, true positive]].
    per_prediction : bool
        For business_value: divide each column by its rows.
    seed : int
        Of the bootstrap of the average precision, which NannyML does not seed.

    Raises
    ------
    core.errors.InvalidInput
        If the figure is not one of these, or a chunk of the reference has no outcomes.
    """
    if figure not in FIGURES or not reference or any(rows.labels is None for rows in reference):
        raise InvalidInput(N_("NannyML does not estimate {figure} of these rows."), figure=figure)
    worth = np.zeros((2, 2)) if values is None else np.asarray(values, dtype=np.float64)
    how = FIGURES[figure](normalise, worth, per_prediction, seed)
    chunks = [rows.calibrated(calibrator) for rows in (*reference, *analysis)]
    value = np.array([how.estimate(rows) for rows in chunks])
    realised = np.array([how.realised(rows) for rows in chunks])
    spread = how.spread(Rows.joined(reference))
    n = np.array([rows.scores.size for rows in chunks])
    error = spread * np.sqrt(n) if how.total else spread / np.sqrt(n)
    low, high = how.limits
    own = realised[: len(reference)]
    reach = DEVIATIONS * np.nanstd(own)
    bottom, top = max(np.nanmean(own) - reach, low), min(np.nanmean(own) + reach, high)
    return CompatEstimates(
        value=value,
        sampling_error=error,
        lower=np.maximum(value - DEVIATIONS * error, low),
        upper=np.minimum(value + DEVIATIONS * error, high),
        realised=realised,
        lower_threshold=float(bottom),
        upper_threshold=float(top),
        alert=(value < bottom) | (value > top),
    )


def _calibration_error(labels: Floats, probabilities: Floats) -> float:
    order = probabilities.argsort()
    said, came = probabilities[order], labels[order]
    bins = BINS if said.size > 2 * BINS else said.size // 2
    width = said.size // bins
    edges = [*(width * place for place in range(bins)), said.size]
    return float(
        sum(
            abs(said[start:end].mean() - came[start:end].mean()) * (end - start) / said.size
            for start, end in pairwise(edges)
        )
    )
