"""Area under the ROC curve, from raw scores and from counts per score bin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, checked_counts
from core.metrics.intervals import hanley_mcneil, normal_quantile

ONE_CLASS_MESSAGE = N_("The area under the ROC curve needs positive and negative outcomes.")


@dataclass(frozen=True, slots=True, eq=False)
class RocAuc:
    """Area under the ROC curve with its confidence interval.

    Parameters
    ----------
    value, low, high : ndarray, shape (...)
        Area and limits; NaN where one class is absent.
    positives, negatives : ndarray, shape (...)
        Rows of either class.
    """

    value: Floats
    low: Floats
    high: Floats
    positives: Floats
    negatives: Floats


def roc_auc(scores: ArrayLike, labels: ArrayLike, *, confidence: float = 0.95) -> RocAuc:
    r"""Return the area under the ROC curve of raw scores, with DeLong's interval.

    .. math:: A = P(S_1 > S_0) + \tfrac12 P(S_1 = S_0)

    0.5 is guessing, 1 a perfect order, 0 a perfectly reversed one.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Scores; higher means more likely positive.
    labels : array_like of 0/1 or bool, shape (n,)
        Outcomes; 1 is positive.
    confidence : float
        Level of the interval.

    Returns
    -------
    RocAuc
        Arrays without dimensions; the interval is cut off at 0 and 1. With a single row of a
        class the limits are NaN; those of a perfect order, which has no spread, are Hanley and
        McNeil's.

    Raises
    ------
    core.errors.NotComputable
        If all outcomes are equal, or there are none.
    core.errors.InvalidInput
        If a score is NaN, a label is neither 0 nor 1, or their numbers differ.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson (1988); by midranks as in Sun and Xu (2014).
    """
    values = np.asarray(scores, dtype=np.float64)
    outcomes = np.asarray(labels, dtype=np.float64)
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise InvalidInput(N_("A label is 0 or 1."))
    positive = outcomes == 1
    if values.ndim != 1 or values.shape != positive.shape or np.isnan(values).any():
        raise InvalidInput(N_("Every label needs one score that is a number."))
    m, k = int(positive.sum()), int((~positive).sum())
    if m == 0 or k == 0:
        raise NotComputable(ONE_CLASS_MESSAGE)
    from scipy.stats import rankdata  # noqa: PLC0415  # a fifth of a second, and few need it

    ranks = rankdata(values)
    wins = (ranks[positive] - rankdata(values[positive])) / k
    losses = (ranks[~positive] - rankdata(values[~positive])) / m
    area = np.asarray(wins.mean())
    spread = np.nan if m < 2 or k < 2 else wins.var(ddof=1) / m + losses.var(ddof=1) / k
    if spread == 0:  # a perfect order, of few rows perhaps by chance
        found = hanley_mcneil(area, m, k, confidence=confidence)
        return RocAuc(
            found.value, found.low, found.high, np.asarray(float(m)), np.asarray(float(k))
        )
    return _with_interval(
        area, np.sqrt(np.asarray(spread)), np.asarray(m), np.asarray(k), confidence
    )


def roc_auc_from_counts(
    positives: ArrayLike, negatives: ArrayLike, *, confidence: float = 0.95
) -> RocAuc:
    r"""Return the area under the ROC curve of counts per score bin, with an interval.

    Scores in one bin count as equal, so the area is exact for the binned score, and differs from
    that of the raw score by at most :math:`\tfrac12 \sum_b p_b q_b`, where p and q are the shares
    of the positives and of the negatives in bin b. The interval is Hanley and McNeil's.

    Parameters
    ----------
    positives, negatives : array_like, shape (..., B)
        Rows per bin, in the order of the score.
    confidence : float
        Level of the interval.

    Returns
    -------
    RocAuc
        NaN where one class is absent; the interval is cut off at 0 and 1.

    Raises
    ------
    core.errors.InvalidInput
        If the counts differ in shape, or one is negative or not finite.

    Notes
    -----
    Hanley and McNeil (1982); see :func:`core.metrics.intervals.hanley_mcneil`.
    """
    hits, misses = np.asarray(positives, dtype=np.float64), np.asarray(negatives, dtype=np.float64)
    if hits.ndim == 0 or hits.shape != misses.shape:
        raise InvalidInput(N_("Positive and negative counts differ in shape."))
    checked_counts(hits.reshape(-1), misses.reshape(-1))
    m, k = hits.sum(axis=-1), misses.sum(axis=-1)
    below = np.cumsum(misses, axis=-1) - misses
    with np.errstate(divide="ignore", invalid="ignore"):
        area = (hits * (below + misses / 2)).sum(axis=-1) / (m * k)
    found = hanley_mcneil(area, m, k, confidence=confidence)
    return RocAuc(found.value, found.low, found.high, np.asarray(m), np.asarray(k))


def _with_interval(
    area: Floats, error: Floats, m: ArrayLike, k: ArrayLike, confidence: float
) -> RocAuc:
    half = normal_quantile(confidence) * error
    return RocAuc(
        value=area,
        low=np.asarray(np.clip(area - half, 0.0, 1.0)),
        high=np.asarray(np.clip(area + half, 0.0, 1.0)),
        positives=np.asarray(m, dtype=np.float64),
        negatives=np.asarray(k, dtype=np.float64),
    )
