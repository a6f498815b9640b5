"""Labelled rows counted by score bin: what every figure of a score can be computed from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCounts:
    """Labelled rows and sums of their scores, bin by bin in the order of the score.

    All parts are sums, so those of a quarter are the sums of its months. With one bin a distinct
    score nothing is lost; with wider bins, scores in one bin count as equal where the order
    matters, while means, the Brier score and the log loss stay exact.

    Parameters
    ----------
    positives, negatives : ndarray, shape (..., B)
        Rows by their outcome.
    score_of_positives, score_of_negatives : ndarray, shape (..., B)
        Sums of the scores.
    square_of_positives, square_of_negatives : ndarray, shape (..., B)
        Sums of the squared scores.
    surprise : ndarray, shape (..., B)
        Sum of -ln of the probability that the score gave to what happened, clipped.
    fourth_power, surprise_squared : ndarray, shape (..., B)
        Sums of (score - outcome)⁴ and of the squared surprise of a row: what the intervals of the
        Brier score and of the log loss need.
    """

    positives: Floats
    negatives: Floats
    score_of_positives: Floats
    score_of_negatives: Floats
    square_of_positives: Floats
    square_of_negatives: Floats
    surprise: Floats
    fourth_power: Floats
    surprise_squared: Floats

    @property
    def n(self) -> Floats:
        """Labelled rows in all, shape (...)."""
        return np.asarray(self.positives.sum(axis=-1) + self.negatives.sum(axis=-1))

    @property
    def rows(self) -> Floats:
        """Labelled rows a bin, shape (..., B)."""
        return self.positives + self.negatives

    @property
    def scores(self) -> Floats:
        """Sum of the scores a bin, shape (..., B)."""
        return self.score_of_positives + self.score_of_negatives


def merged(counts: ScoreCounts, most: int) -> ScoreCounts:
    """Return counts of neighbouring bins together, about equally many rows in each.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (B,).
    most : int
        Bins that there may be; fewer are returned as they are.
    """
    if counts.rows.size <= most:
        return counts
    reached = np.cumsum(counts.rows)
    place = np.minimum((reached - counts.rows / 2) / reached[-1] * most, most - 1).astype(np.int64)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    return ScoreCounts(
        *(np.add.reduceat(getattr(counts, name), starts) for name in ScoreCounts.__slots__)
    )


CLIP = float(np.finfo(np.float64).eps)
"""Probabilities below it, or as near to 1, are moved there: scikit-learn's log loss does so."""


def score_counts(scores: ArrayLike, labels: ArrayLike) -> ScoreCounts:
    """Count raw scores, one bin a distinct score; without rows, one empty bin.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Probabilities of a positive outcome.
    labels : array_like of 0/1 or bool, shape (n,)
        Outcomes; 1 is positive.

    Raises
    ------
    core.errors.InvalidInput
        If a score is no probability, a label is neither 0 nor 1, or their numbers differ.
    """
    values = np.asarray(scores, dtype=np.float64)
    outcomes = np.asarray(labels, dtype=np.float64)
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise InvalidInput(N_("A label is 0 or 1."))
    if values.ndim != 1 or values.shape != outcomes.shape:
        raise InvalidInput(N_("Every label needs one score that is a number."))
    if not ((values >= 0) & (values <= 1)).all():
        raise InvalidInput(N_("A score is a probability between 0 and 1."))
    distinct, place = np.unique(values, return_inverse=True)
    if distinct.size == 0:
        distinct = np.zeros(1)
    hits: Floats = np.bincount(place, outcomes, distinct.size).astype(np.float64)
    misses: Floats = np.bincount(place, 1 - outcomes, distinct.size).astype(np.float64)
    clipped: Floats = np.clip(distinct, CLIP, 1 - CLIP)
    of_hit, of_miss = -np.log(clipped), -np.log1p(-clipped)
    return ScoreCounts(
        positives=hits,
        negatives=misses,
        score_of_positives=hits * distinct,
        score_of_negatives=misses * distinct,
        square_of_positives=hits * distinct**2,
        square_of_negatives=misses * distinct**2,
        surprise=hits * of_hit + misses * of_miss,
        fourth_power=hits * (1 - distinct) ** 4 + misses * distinct**4,
        surprise_squared=hits * of_hit**2 + misses * of_miss**2,
    )
