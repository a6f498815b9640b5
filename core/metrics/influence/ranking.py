"""Whether outcomes still follow the score: groups of equal size, and rank correlation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, wilson
from core.metrics.performance.bootstrap import bootstrap_many
from core.metrics.performance.means import within
from core.metrics.performance.scores import ScoreCounts

DRAWS = 300
_MOST_BINS = 200


@dataclass(frozen=True, slots=True, eq=False)
class ScoreGroups:
    """Outcomes of groups of about equal size in the order of the score; arrays of shape (g,).

    Parameters
    ----------
    n, positives : ndarray
        Rows, and those with a positive outcome.
    score : ndarray
        Mean score.
    rate : Interval
        Share of positive outcomes with its Wilson interval.
    """

    n: Floats
    positives: Floats
    score: Floats
    rate: Interval

    @property
    def rises(self) -> int:
        """How many groups have a higher rate than the one below them."""
        return int(np.count_nonzero(np.diff(self.rate.value) > 0))

    @property
    def steps(self) -> int:
        """Neighbouring pairs of groups."""
        return max(self.n.size - 1, 0)


def score_groups(counts: ScoreCounts, *, groups: int = 10, confidence: float = 0.95) -> ScoreGroups:
    """Return the outcome rate of tenths of the score, the lowest scores first.

    Equal scores are never parted, so groups may differ in size, and there may be fewer.

    Parameters
    ----------
    counts : ScoreCounts
        Of shape (B,).
    groups : int
        How many.
    confidence : float
        Level of the intervals.
    """
    rows = counts.rows
    filled = rows > 0
    reached = np.cumsum(rows)
    total = reached[-1] if reached.size else 0.0
    middle = (reached - rows / 2)[filled]
    place = np.minimum(middle / max(total, 1.0) * groups, groups - 1).astype(np.int64)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    parts = (counts.positives, rows, counts.scores)
    hits, n, score = (
        np.add.reduceat(part[filled], starts) if starts.size else np.zeros(0) for part in parts
    )
    rate = wilson(hits, n, confidence=confidence)
    return ScoreGroups(n, hits, score / np.where(n > 0, n, 1.0), rate)


def spearman(positives: ArrayLike, negatives: ArrayLike) -> Floats:
    r"""Return Spearman's rank correlation of score and outcome, equal scores at their middle rank.

    .. math:: \rho = \frac{\operatorname{cov}(R(s), y)}{\sigma_{R(s)} \, \sigma_y}

    The outcome has two values only, so its ranks are a straight line of it. 0: the score says
    nothing of the order; below 1 even where a cut-off parts the two, as most rows tie in outcome.

    Parameters
    ----------
    positives, negatives : array_like, shape (..., B)
        Rows per bin, in the order of the score.

    Returns
    -------
    ndarray, shape (...)
        NaN where all scores, or all outcomes, are the same.

    Notes
    -----
    Spearman (1904); ``scipy.stats.spearmanr``.
    """
    hits, misses = (np.asarray(part, dtype=np.float64) for part in (positives, negatives))
    rows = hits + misses
    n = rows.sum(-1)
    rank = np.cumsum(rows, -1) - rows / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = rank - (n / 2)[..., None]
        rate = hits.sum(-1) / n
        together = (hits * centred).sum(-1) / n
        spread = np.sqrt((rows * centred**2).sum(-1) / n * rate * (1 - rate))
        return np.asarray(np.where(spread > 0, together / spread, np.nan))


def spearman_interval(
    counts: ScoreCounts, *, draws: int = DRAWS, seed: int = 0, confidence: float = 0.95
) -> Interval:
    """Return Spearman's correlation with the limits of a bootstrap of the rows.

    See :func:`core.metrics.performance.bootstrap.bootstrap`: the formulas of Fisher, or of Bonett
    and Wright, are for outcomes without ties.
    """
    found = bootstrap_many(
        {"": lambda drawn: spearman(drawn.positives, drawn.negatives)},
        counts,
        draws=draws,
        seed=seed,
        confidence=confidence,
        most_bins=_MOST_BINS,
    )
    return within(found[""], -1.0, 1.0)
