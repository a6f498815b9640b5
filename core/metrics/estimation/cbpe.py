"""Confidence-based performance estimation: a binary model's figures before outcomes are known.

A calibrated score is the probability of a positive outcome, so each row without an outcome counts
as p positive rows and 1 - p negative ones. All figures are then those of labelled rows, by the same
code. What it cannot see is concept drift: it takes for granted that a score means what it meant in
the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import COUNTS_MESSAGE, Floats
from core.metrics.estimation.calibration import PROBABILITY_MESSAGE, Calibrator
from core.metrics.performance import CellValues, Confusion, ScoreCounts, binary_figures
from core.metrics.performance.scores import CLIP

ESTIMATED = (
    "roc_auc",
    "average_precision",
    "f1",
    "precision",
    "recall",
    "specificity",
    "accuracy",
    "brier_score",
    "log_loss",
    "business_value",
)
"""Ids of the figures that are estimated, in the order in which they are shown."""

SHAPE_MESSAGE = N_("Scores, flagged rows and other rows differ in shape.")
SUM_MESSAGE = N_("A bin cannot expect more positives than it has rows.")


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedRows:
    """Rows without outcomes as they are expected to turn out.

    Parameters
    ----------
    counts : ScoreCounts
        By score bin, of shape (..., B); positives and negatives have fractions.
    confusion : Confusion
        By what was predicted and what is expected, cells of shape (...).
    """

    counts: ScoreCounts
    confusion: Confusion


def expected_rows(scores: ArrayLike, flagged: ArrayLike, calibrator: Calibrator) -> ExpectedRows:
    """Return what is expected of raw rows, one bin a distinct score.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Probabilities of a positive outcome, as the model gave them.
    flagged : array_like of 0/1 or bool, shape (n,)
        Whether a row was predicted positive.
    calibrator : Calibrator
        Of the reference.

    Raises
    ------
    core.errors.InvalidInput
        If a score is no probability, a row is neither flagged nor not, or their numbers differ.
    """
    values, said = (np.asarray(part, dtype=np.float64) for part in (scores, flagged))
    if values.ndim != 1 or values.shape != said.shape:
        raise InvalidInput(SHAPE_MESSAGE)
    if not np.isin(said, (0.0, 1.0)).all():
        raise InvalidInput(N_("A row is predicted positive or it is not: 1 or 0."))
    distinct, place = np.unique(values, return_inverse=True)
    if distinct.size == 0:
        distinct = np.zeros(1)
    rows = np.bincount(place, said, distinct.size)
    others = np.bincount(place, 1 - said, distinct.size)
    return expected_rows_from_counts(distinct, rows, others, calibrator)


def expected_rows_from_counts(
    scores: ArrayLike,
    flagged: ArrayLike,
    others: ArrayLike,
    calibrator: Calibrator,
    *,
    flagged_positives: ArrayLike | None = None,
    other_positives: ArrayLike | None = None,
) -> ExpectedRows:
    """Return what is expected of rows counted by score bin.

    Parameters
    ----------
    scores : array_like, shape (B,) or (..., B)
        Mean score of each bin, in the order of the score; any value where a bin is empty.
    flagged, others : array_like, shape (..., B)
        Rows that were predicted positive, and the others.
    calibrator : Calibrator
        Of the reference.
    flagged_positives, other_positives : array_like, shape (..., B), optional
        Sums of the calibrated probabilities of either. Without them all rows of a bin have the
        probability of its mean score, which is exact where the calibration is straight within it.

    Raises
    ------
    core.errors.InvalidInput
        If shapes differ, a mean score is no probability, a count is negative or not finite, or the
        probabilities of a bin add up to more than its rows.
    """
    rows, rest = (np.asarray(part, dtype=np.float64) for part in (flagged, others))
    if rows.ndim == 0 or rows.shape != rest.shape:
        raise InvalidInput(SHAPE_MESSAGE)
    if not all(np.isfinite(part).all() and (part >= 0).all() for part in (rows, rest)):
        raise InvalidInput(COUNTS_MESSAGE)
    try:
        centre = np.broadcast_to(np.asarray(scores, dtype=np.float64), rows.shape)
    except ValueError as error:
        raise InvalidInput(SHAPE_MESSAGE) from error
    used = rows + rest > 0
    if not ((centre[used] >= 0) & (centre[used] <= 1)).all():
        raise InvalidInput(PROBABILITY_MESSAGE)
    centre = np.where(used, centre, 0.0)
    share = calibrator.predict(centre)
    hits = _positives(rows, share, flagged_positives)
    missed = _positives(rest, share, other_positives)
    confusion = Confusion.of(
        *(part.sum(axis=-1) for part in (hits, rows - hits, missed, rest - missed))
    )
    return ExpectedRows(_counts(centre, hits + missed, (rows - hits) + (rest - missed)), confusion)


def estimate(expected: ExpectedRows, *, values: CellValues | None = None) -> Mapping[str, Floats]:
    """Return the estimate of every figure.

    Parameters
    ----------
    expected : ExpectedRows
        Of shape (...).
    values : CellValues, optional
        Money a row of each cell; without it there is no business value.

    Returns
    -------
    mapping of str to ndarray, shape (...)
        By metric id, in the order of :data:`ESTIMATED`; the business value is the total. NaN where
        the rows do not give a figure, such as the precision where nothing was flagged.
    """
    found = binary_figures(expected.counts, expected.confusion, values=values)
    return {name: found[name].value for name in ESTIMATED if name in found}


def _positives(rows: Floats, share: Floats, given: ArrayLike | None) -> Floats:
    if given is None:
        return rows * share
    hits = np.asarray(given, dtype=np.float64)
    if hits.shape != rows.shape:
        raise InvalidInput(SHAPE_MESSAGE)
    # A sum of probabilities may exceed the rows by its rounding.
    if not ((hits >= 0) & (hits <= rows * (1 + 1e-9))).all():
        raise InvalidInput(SUM_MESSAGE)
    return np.minimum(hits, rows)


def _counts(scores: Floats, hits: Floats, misses: Floats) -> ScoreCounts:
    kept: Floats = np.clip(scores, CLIP, 1 - CLIP)
    of_hit, of_miss = -np.log(kept), -np.log1p(-kept)
    return ScoreCounts(
        positives=hits,
        negatives=misses,
        score_of_positives=hits * scores,
        score_of_negatives=misses * scores,
        square_of_positives=hits * scores**2,
        square_of_negatives=misses * scores**2,
        surprise=hits * of_hit + misses * of_miss,
        fourth_power=hits * (1 - scores) ** 4 + misses * scores**4,
        surprise_squared=hits * of_hit**2 + misses * of_miss**2,
    )
