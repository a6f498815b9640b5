"""Whether a score keeps its word: Brier score, log loss, calibration error and curve."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, wilson
from core.metrics.performance.means import mean_interval, within
from core.metrics.performance.scores import ScoreCounts


def brier_score(counts: ScoreCounts, *, confidence: float = 0.95) -> Interval:
    r"""Return the mean squared distance of scores and outcomes.

    .. math:: \frac1n \sum_i (s_i - y_i)^2

    0 is a certain and right score, 1 a certain and wrong one. Exact for any bins.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (..., B).
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (...)
        With the normal interval of a mean, cut off at 0 and 1; NaN without rows.

    Notes
    -----
    Brier (1950), as scikit-learn's ``brier_score_loss``.
    """
    missed = counts.positives - 2 * counts.score_of_positives + counts.square_of_positives
    total = np.maximum(missed, 0.0) + counts.square_of_negatives
    found = mean_interval(
        total.sum(axis=-1), counts.fourth_power.sum(axis=-1), counts.n, confidence=confidence
    )
    return within(found, 0.0, 1.0)


def log_loss(counts: ScoreCounts, *, confidence: float = 0.95) -> Interval:
    r"""Return the mean of -ln of the probability that the score gave to what happened.

    .. math:: -\frac1n \sum_i y_i \ln s_i + (1 - y_i) \ln(1 - s_i)

    0 is a certain and right score; without limit upwards, but scores are kept off 0 and 1 by the
    machine precision. Exact for any bins.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (..., B).
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (...)
        With the normal interval of a mean, cut off at 0; NaN without rows.

    Notes
    -----
    As scikit-learn's ``log_loss``.
    """
    found = mean_interval(
        counts.surprise.sum(axis=-1),
        counts.surprise_squared.sum(axis=-1),
        counts.n,
        confidence=confidence,
    )
    return within(found, 0.0, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationCurve:
    """Scores against outcomes by group of equal numbers of rows.

    Parameters
    ----------
    mean_score : ndarray, shape (..., K)
        What the scores expected.
    outcome_rate : Interval, shape (..., K)
        What happened, with Wilson's interval; ``n`` is the rows of each group.
    """

    mean_score: Floats
    outcome_rate: Interval


def calibration_curve(
    counts: ScoreCounts, *, groups: int = 10, confidence: float = 0.95
) -> CalibrationCurve:
    """Return the calibration curve by groups of as equal numbers of rows as the bins allow.

    A bin is never divided, so scores that are equal stay together. Groups without rows are NaN.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (..., B).
    groups : int
        How many groups.
    confidence : float
        Level of the intervals.
    """
    place = _groups(counts.rows, groups)
    rows = _gathered(counts.rows, place, groups)
    hits = _gathered(counts.positives, place, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _gathered(counts.scores, place, groups) / rows
    return CalibrationCurve(mean, wilson(hits, rows, confidence=confidence))


def expected_calibration_error(counts: ScoreCounts, *, groups: int = 10) -> Floats:
    r"""Return the mean distance of scores and outcomes over the groups of the calibration curve.

    .. math:: ECE = \sum_k \frac{n_k}{n} |\bar y_k - \bar s_k|

    0 is a score that keeps its word in each group.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (..., B).
    groups : int
        How many groups.

    Returns
    -------
    ndarray, shape (...)
        NaN without rows.

    Notes
    -----
    Naeini, Cooper and Hauskrecht (2015), with groups of equal numbers of rows.
    """
    curve = calibration_curve(counts, groups=groups)
    gap = np.abs(curve.outcome_rate.value - curve.mean_score)
    rows = curve.outcome_rate.n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(rows > 0, gap * rows, 0.0).sum(axis=-1) / counts.n)


def _groups(rows: Floats, groups: int) -> Floats:
    """Return the group of each bin: that in which the middle of its rows lies."""
    reached = np.cumsum(rows, axis=-1)
    total = reached[..., -1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (reached - rows / 2) / total
    return np.minimum(np.nan_to_num(middle) * groups, groups - 1).astype(np.int64)


def _gathered(values: Floats, place: Floats, groups: int) -> Floats:
    return np.stack(
        [np.where(place == group, values, 0.0).sum(axis=-1) for group in range(groups)], axis=-1
    )
