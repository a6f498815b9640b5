"""The interval of the expected calibration error, which chance alone keeps above 0."""

from functools import partial

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance.bootstrap import Remember, anew, at, bootstrap, digest, mean_of
from core.metrics.performance.probability import expected_calibration_error
from core.metrics.performance.scores import ScoreCounts, merged


def calibration_error_interval(
    counts: ScoreCounts,
    *,
    groups: int = 10,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """Return the expected calibration error with an interval.

    The limits are those of :func:`core.metrics.performance.bootstrap.bootstrap`, but the lower one
    is 0 where the figure is no larger than a score that keeps its word would have by chance: the
    outcomes of each bin are drawn from its mean score, and the figure is held against the upper
    percentile of what comes. No bootstrap of the rows can find that 0, since a distance of real
    rows never is.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (..., B).
    groups : int
        How many groups.
    draws, seed : int
        Of either bootstrap.
    confidence : float
        Level of the interval.

    Returns
    -------
    Interval, shape (...)
        NaN without rows.

    Raises
    ------
    core.errors.InvalidInput
        If there are fewer than two draws, or the level is not between 0 and 1.

    Notes
    -----
    Bröcker and Smith (2007), "Increasing the reliability of reliability diagrams".
    """
    found = bootstrap(
        partial(expected_calibration_error, groups=groups),
        counts,
        draws=draws,
        seed=seed,
        confidence=confidence,
    )
    return down_to_chance(
        found, counts, groups=groups, draws=draws, seed=seed, confidence=confidence
    )


def down_to_chance(
    found: Interval,
    counts: ScoreCounts,
    *,
    groups: int = 10,
    draws: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    most_bins: int | None = None,
    remember: Remember = anew,
) -> Interval:
    """Return an interval of the calibration error whose lower limit is 0 where that is chance.

    Parameters
    ----------
    found : Interval, shape (...)
        The error with the limits of a bootstrap.
    counts, groups, draws, seed, confidence
        As in :func:`calibration_error_interval`.
    most_bins : int, optional
        Neighbouring bins are drawn together where there are more.
    remember : callable
        Asked for what chance gives each chunk by its own counts.
    """
    low = np.array(found.low)
    for place in np.ndindex(*low.shape):
        if not np.isnan(low[place]):
            chunk = at(counts, place)
            fewer = chunk if most_bins is None else merged(chunk, most_bins)
            key = ("calibrated", digest(fewer), groups, draws, seed, confidence)
            most = remember(key, partial(_by_chance, fewer, groups, draws, seed, confidence))
            if found.value[place] <= most:
                low[place] = 0.0
    return Interval(found.value, low, found.high, found.n)


def _by_chance(
    counts: ScoreCounts, groups: int, draws: int, seed: int, confidence: float
) -> Floats:
    """Return what the error of a score that keeps its word seldom exceeds."""
    drawn = expected_calibration_error(_calibrated(counts, draws, seed), groups=groups)
    return np.asarray(np.quantile(drawn, (1 + confidence) / 2))


def _calibrated(counts: ScoreCounts, draws: int, seed: int) -> ScoreCounts:
    """Return counts of shape (draws, B) whose outcomes follow the mean score of their bin."""
    rows = np.rint(counts.rows)
    score = mean_of(counts.scores, counts.rows)
    random = np.random.default_rng(seed)
    hits: Floats = random.binomial(
        rows.astype(np.int64), np.clip(score, 0.0, 1.0), size=(draws, rows.size)
    ).astype(np.float64)
    misses: Floats = rows - hits
    unknown: Floats = np.full(misses.shape, np.nan)
    return ScoreCounts(
        positives=hits,
        negatives=misses,
        score_of_positives=hits * score,
        score_of_negatives=misses * score,
        square_of_positives=unknown,
        square_of_negatives=unknown,
        surprise=unknown,
        fourth_power=unknown,
        surprise_squared=unknown,
    )
