"""The interval of the expected calibration error, which chance alone keeps above 0."""

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance.bootstrap import at, bootstrap, checked_draws, mean_of
from core.metrics.performance.probability import expected_calibration_error
from core.metrics.performance.scores import ScoreCounts


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

    def error(some: ScoreCounts) -> Floats:
        return expected_calibration_error(some, groups=groups)

    checked_draws(draws, confidence)
    found = bootstrap(error, counts, draws=draws, seed=seed, confidence=confidence)
    low = np.array(found.low)
    for place in np.ndindex(*low.shape):
        if not np.isnan(low[place]):
            by_chance = error(_calibrated(at(counts, place), draws, seed))
            if found.value[place] <= np.quantile(by_chance, (1 + confidence) / 2):
                low[place] = 0.0
    return Interval(found.value, low, found.high, found.n)


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
