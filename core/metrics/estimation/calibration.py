"""From a score to the probability that it stands for, learned on the labelled reference."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import COUNTS_MESSAGE, Booleans, Floats

SEPARATED_FROM = 0.999
"""Area under the ROC curve above which a calibration would only learn the two outcomes by heart."""

GROUPS = 10
PROBABILITY_MESSAGE = N_("A score is a probability between 0 and 1.")
NO_ROWS_MESSAGE = N_("A calibration needs labelled rows of the reference.")
STORED_MESSAGE = N_("The stored calibration is not one of ours.")


class Reason(StrEnum):
    """Why scores are calibrated, or taken as they are."""

    improves = "improves"
    already_calibrated = "already_calibrated"
    one_class = "one_class"
    separated = "separated"


REASONS: Mapping[Reason, str] = {
    Reason.improves: N_("Calibrated: the error of the scores falls when they are."),
    Reason.already_calibrated: N_("Not calibrated: the scores are probabilities already."),
    Reason.one_class: N_("Not calibrated: all outcomes of the reference are equal."),
    Reason.separated: N_("Not calibrated: the scores part the outcomes almost without error."),
}


@dataclass(frozen=True, slots=True, eq=False)
class Calibrator:
    """A rising line through knots, from score to probability.

    Parameters
    ----------
    scores, probabilities : ndarray, shape (K,)
        Knots; scores rise, probabilities do not fall.
    reason : Reason
        Why it is what it is. Unless that is ``improves``, the line is the score itself.
    error_before, error_after : float
        Expected calibration error of held-out rows without and with calibration; NaN where it was
        not asked.
    rows : int
        Labelled rows that it was learned on.
    """

    scores: Floats
    probabilities: Floats
    reason: Reason
    error_before: float
    error_after: float
    rows: int

    def predict(self, scores: ArrayLike) -> Floats:
        """Return probabilities of any shape; scores beyond the reference get its outermost ones."""
        asked = np.asarray(scores, dtype=np.float64)
        return np.asarray(np.interp(asked, self.scores, self.probabilities), dtype=np.float64)

    def outside(self, scores: ArrayLike) -> Booleans:
        """Return which scores lie beyond those that the reference had."""
        asked = np.asarray(scores, dtype=np.float64)
        return np.asarray((asked < self.scores[0]) | (asked > self.scores[-1]))

    def to_json(self) -> str:
        """Return it as text to be stored."""
        return json.dumps(
            {
                "scores": self.scores.tolist(),
                "probabilities": self.probabilities.tolist(),
                "reason": self.reason.value,
                "error_before": _or_none(self.error_before),
                "error_after": _or_none(self.error_after),
                "rows": self.rows,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Calibrator":
        """Return the calibrator of a stored text.

        Raises
        ------
        core.errors.InvalidInput
            If the text is no calibration, or its line falls.
        """
        try:
            stored = json.loads(text)
            knots, heights = (
                np.asarray(stored[name], dtype=np.float64) for name in ("scores", "probabilities")
            )
            found = cls(
                scores=knots,
                probabilities=heights,
                reason=Reason(stored["reason"]),
                error_before=_or_nan(stored["error_before"]),
                error_after=_or_nan(stored["error_after"]),
                rows=int(stored["rows"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(STORED_MESSAGE) from error
        sound = knots.ndim == 1 and knots.shape == heights.shape and knots.size > 0
        if not (
            sound
            and (np.diff(knots) > 0).all()
            and (np.diff(heights) >= 0).all()
            and ((heights >= 0) & (heights <= 1)).all()
        ):
            raise InvalidInput(STORED_MESSAGE)
        return found


def fit_calibrator(
    scores: ArrayLike, labels: ArrayLike, *, folds: int = 10, seed: int = 0
) -> Calibrator:
    """Learn a calibration from the reference's rows; see :func:`fit_calibrator_from_counts`.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Probabilities of a positive outcome.
    labels : array_like of 0/1 or bool, shape (n,)
        Outcomes; 1 is positive.
    folds, seed : int
        Of the cross-validation.
    """
    values, outcomes = (np.asarray(part, dtype=np.float64) for part in (scores, labels))
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise InvalidInput(N_("A label is 0 or 1."))
    if values.ndim != 1 or values.shape != outcomes.shape:
        raise InvalidInput(N_("Every label needs one score that is a number."))
    distinct, place = np.unique(values, return_inverse=True)
    hits = np.bincount(place, outcomes, distinct.size)
    return fit_calibrator_from_counts(
        distinct, hits, np.bincount(place, minlength=distinct.size) - hits, folds=folds, seed=seed
    )


def fit_calibrator_from_counts(
    scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike, *, folds: int = 10, seed: int = 0
) -> Calibrator:
    """Learn a calibration from labelled rows counted by score bin, if it improves the scores.

    Isotonic regression of the share of positives on the score, weighted by the rows, is the same
    as on the rows themselves. Whether to use it is asked of rows that it has not seen: the rows
    are dealt into folds, each fold is calibrated by all others, and the expected calibration error
    of all of them is compared with that of the bare scores.

    Parameters
    ----------
    scores : array_like, shape (B,)
        Mean score of each bin; any value where a bin is empty.
    positives, negatives : array_like, shape (B,)
        Labelled rows by outcome.
    folds, seed : int
        How many parts, and of the random deal.

    Returns
    -------
    Calibrator
        The score itself where a calibration does not lower the error, where all outcomes are equal,
        or where the area under the ROC curve is above 0.999.

    Raises
    ------
    core.errors.InvalidInput
        If a score is no probability, or a count is negative or not finite.
    core.errors.NotComputable
        Without labelled rows.

    Notes
    -----
    Zadrozny and Elkan (2002) for the calibration; the decision follows nannyml's, which draws ten
    overlapping test parts instead.
    """
    centre, hits, misses = _checked(scores, positives, negatives)
    count = round(float(hits.sum() + misses.sum()))
    if hits.sum() == 0 or misses.sum() == 0:
        return _unchanged(Reason.one_class, count)
    below = np.cumsum(misses) - misses / 2
    if (hits @ below) / (hits.sum() * misses.sum()) > SEPARATED_FROM:
        return _unchanged(Reason.separated, count)
    before, after = _held_out_errors(centre, hits, misses, folds, seed)
    if not before > after:
        return _unchanged(Reason.already_calibrated, count, before, after)
    knots, heights = isotonic(centre, hits, misses)
    return Calibrator(knots, heights, Reason.improves, before, after, count)


def isotonic(scores: Floats, positives: Floats, negatives: Floats) -> tuple[Floats, Floats]:
    """Return the knots of the rising line nearest to the shares of positives, weighted by rows.

    Parameters
    ----------
    scores, positives, negatives : ndarray, shape (B,)
        Score and labelled rows of each bin; bins without rows are left out.
    """
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415  # a second, and few need it

    rows = positives + negatives
    used = rows > 0
    line = IsotonicRegression(y_min=0.0, y_max=1.0, increasing=True, out_of_bounds="clip")
    line.fit(scores[used], positives[used] / rows[used], sample_weight=rows[used])
    return (
        np.asarray(line.X_thresholds_, dtype=np.float64),
        np.asarray(line.y_thresholds_, dtype=np.float64),
    )


def calibration_error(
    probabilities: Floats, positives: Floats, rows: Floats, *, groups: int = GROUPS
) -> float:
    r"""Return the expected calibration error of points, in groups of about equal numbers of rows.

    .. math:: ECE = \frac1n \sum_g \Big| \sum_{i \in g} y_i - p_i \Big|

    0 is a probability that keeps its word in each group. A point is never divided.

    Parameters
    ----------
    probabilities, positives, rows : ndarray, shape (K,)
        Of each point: the probability of all its rows, and how many of them were positive.
    groups : int
        How many groups.
    """
    order = np.argsort(probabilities, kind="stable")
    weight = rows[order]
    total = weight.sum()
    middle = (np.cumsum(weight) - weight / 2) / total
    group = np.minimum((middle * groups).astype(np.int64), groups - 1)
    gap = positives[order] - probabilities[order] * weight
    return float(np.abs(np.bincount(group, gap, groups)).sum() / total)


def _checked(
    scores: ArrayLike, positives: ArrayLike, negatives: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    centre, hits, misses = (
        np.asarray(part, dtype=np.float64) for part in (scores, positives, negatives)
    )
    if centre.ndim != 1 or not centre.shape == hits.shape == misses.shape:
        raise InvalidInput(N_("Every label needs one score that is a number."))
    if not all(np.isfinite(part).all() and (part >= 0).all() for part in (hits, misses)):
        raise InvalidInput(COUNTS_MESSAGE)
    used = hits + misses > 0
    if not used.any():
        raise NotComputable(NO_ROWS_MESSAGE)
    if not ((centre[used] >= 0) & (centre[used] <= 1)).all():
        raise InvalidInput(PROBABILITY_MESSAGE)
    order = np.argsort(centre[used], kind="stable")
    return centre[used][order], hits[used][order], misses[used][order]


def _held_out_errors(
    scores: Floats, hits: Floats, misses: Floats, folds: int, seed: int
) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    share = np.full(folds, 1 / folds)
    dealt_hits, dealt_misses = (
        random.multinomial(np.rint(part).astype(np.int64), share).T.astype(np.float64)
        for part in (hits, misses)
    )
    predicted = np.empty(dealt_hits.shape)
    for fold in range(folds):
        rest = (dealt_hits.sum(0) - dealt_hits[fold], dealt_misses.sum(0) - dealt_misses[fold])
        if rest[0].sum() + rest[1].sum() == 0:
            return 0.0, 0.0
        predicted[fold] = np.interp(scores, *isotonic(scores, *rest))
    rows = dealt_hits + dealt_misses
    after = calibration_error(predicted.ravel(), dealt_hits.ravel(), rows.ravel())
    return calibration_error(scores, dealt_hits.sum(0), rows.sum(0)), after


def _unchanged(
    reason: Reason, rows: int, before: float = np.nan, after: float = np.nan
) -> Calibrator:
    ends = np.array([0.0, 1.0])
    return Calibrator(ends, ends, reason, before, after, rows)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value


def _or_nan(value: object) -> float:
    return np.nan if value is None else float(str(value))
