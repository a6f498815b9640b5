"""How well a score puts cases in order: average precision, KS, Gini, lift and the cut-off curve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance.confusion import Confusion
from core.metrics.performance.roc import RocAuc


def average_precision(positives: ArrayLike, negatives: ArrayLike) -> Floats:
    r"""Return the average precision of counts per score bin.

    .. math:: AP = \sum_b (R_b - R_{b+1}) P_b

    with precision P and recall R of the cut-off below bin b. The share of positives is guessing,
    1 a perfect order.

    Parameters
    ----------
    positives, negatives : array_like, shape (..., B)
        Rows per bin, in the order of the score.

    Returns
    -------
    ndarray, shape (...)
        NaN without positives.

    Notes
    -----
    scikit-learn's ``average_precision_score``, equal scores as one cut-off.
    """
    hits, misses = _counts(positives, negatives)
    above = np.flip(np.cumsum(np.flip(hits, -1), -1), -1)
    flagged = above + np.flip(np.cumsum(np.flip(misses, -1), -1), -1)
    total = hits.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(flagged > 0, above / flagged, 0.0)
        return np.where(total > 0, (hits * precision).sum(axis=-1) / total, np.nan)


def kolmogorov_smirnov_of_score(positives: ArrayLike, negatives: ArrayLike) -> Floats:
    r"""Return the largest gap between the score's distributions of positives and negatives.

    .. math:: KS = \max_b |F_1(b) - F_0(b)|

    0 means that the score says nothing, 1 that a cut-off parts the two.

    Parameters
    ----------
    positives, negatives : array_like, shape (..., B)
        Rows per bin, in the order of the score.

    Returns
    -------
    ndarray, shape (...)
        NaN where a class is absent.
    """
    hits, misses = _counts(positives, negatives)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.cumsum(hits, -1) / hits.sum(-1, keepdims=True) - np.cumsum(
            misses, -1
        ) / misses.sum(-1, keepdims=True)
    return np.asarray(np.abs(gap).max(axis=-1))


def gini(area: RocAuc) -> Interval:
    """Return 2 · AUC - 1 with the limits of the area: 0 is guessing, 1 a perfect order."""
    value, low, high = (2 * part - 1 for part in (area.value, area.low, area.high))
    return Interval(value, low, high, area.positives + area.negatives)


@dataclass(frozen=True, slots=True, eq=False)
class CutOffCurve:
    """What each possible cut-off makes of the labelled rows: flagged are scores from it on.

    Parameters
    ----------
    cut_off : ndarray, shape (B,)
        Lowest score that is flagged.
    confusion : Confusion
        Cells of shape (B,).
    """

    cut_off: Floats
    confusion: Confusion


def cut_off_curve(positives: ArrayLike, negatives: ArrayLike, lowest: ArrayLike) -> CutOffCurve:
    """Return the confusion matrix of the cut-off at each bin's lowest score.

    Parameters
    ----------
    positives, negatives : array_like, shape (B,)
        Rows per bin, in the order of the score.
    lowest : array_like, shape (B,)
        Lowest score of each bin.

    Raises
    ------
    core.errors.InvalidInput
        If the counts or the lowest scores do not fit together.
    """
    hits, misses = _counts(positives, negatives)
    cut_off = np.asarray(lowest, dtype=np.float64)
    if hits.ndim != 1 or cut_off.shape != hits.shape:
        raise InvalidInput(N_("Every bin needs one lowest score."))
    above = np.flip(np.cumsum(np.flip(hits)))
    false = np.flip(np.cumsum(np.flip(misses)))
    cells = Confusion.of(above, false, hits.sum() - above, misses.sum() - false)
    return CutOffCurve(cut_off, cells)


@dataclass(frozen=True, slots=True, eq=False)
class Lift:
    """Positives by tenth of the score, the highest scores first.

    Parameters
    ----------
    rows, positives : ndarray, shape (K,)
        Rows and positive rows of each tenth; a bin that lies across a border is divided in
        proportion.
    lift : ndarray, shape (K,)
        Share of positives over the share among all rows; 1 is no better than chance.
    captured : ndarray, shape (K,)
        Share of all positives in this tenth and those before it.
    """

    rows: Floats
    positives: Floats
    lift: Floats
    captured: Floats


def lift(positives: ArrayLike, negatives: ArrayLike, *, groups: int = 10) -> Lift:
    """Return the lift of counts per score bin by equal groups of rows.

    Parameters
    ----------
    positives, negatives : array_like, shape (B,)
        Rows per bin, in the order of the score.
    groups : int
        How many groups: 10 for deciles.

    Raises
    ------
    core.errors.InvalidInput
        If there are no rows.
    """
    hits, misses = _counts(positives, negatives)
    rows = np.flip(hits + misses)
    total = rows.sum()
    if total == 0:
        raise InvalidInput(N_("There is no labelled row."))
    # Rows with equal scores have no order among themselves: positives are spread evenly.
    reached = np.concatenate([[0.0], np.cumsum(rows)])
    caught = np.concatenate([[0.0], np.cumsum(np.flip(hits))])
    borders = np.linspace(0.0, total, groups + 1)
    found = np.interp(borders, reached, caught)
    inside = np.diff(found)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Lift(
            rows=np.diff(borders),
            positives=inside,
            lift=(inside / np.diff(borders)) / (hits.sum() / total),
            captured=found[1:] / hits.sum(),
        )


def _counts(positives: ArrayLike, negatives: ArrayLike) -> tuple[Floats, Floats]:
    hits = np.asarray(positives, dtype=np.float64)
    misses = np.asarray(negatives, dtype=np.float64)
    if hits.ndim == 0 or hits.shape != misses.shape:
        raise InvalidInput(N_("Positive and negative counts differ in shape."))
    if hits.shape[-1] == 0:
        raise InvalidInput(N_("Counts need at least one bin."))
    if not (np.isfinite(hits) & np.isfinite(misses) & (hits >= 0) & (misses >= 0)).all():
        raise InvalidInput(N_("Counts must be finite and not negative."))
    return hits, misses
