"""How groups fare beside each other: rates with their intervals, differences and ratios.

Which group is the best, and which the worst, is picked by the data. So the limits of ratios and
differences are wider than those of two groups named beforehand: they hold for all pairs together.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.fairness.groups import GroupCounts
from core.metrics.fairness.ratio import koopman
from core.metrics.fairness.simultaneous import pairwise_confidence
from core.metrics.intervals import Interval, normal_quantile, wilson

FOUR_FIFTHS = 0.8
# What is left of a variance of equal scores, when it is computed from sums.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Compared:
    """Each group beside the one that fares best.

    Limits of ratios and differences are computed when they are asked for, since a curve over a
    hundred months shows none.

    Parameters
    ----------
    rate : Interval, shape (G,)
        The figure of each group; NaN for groups left out.
    best : int
        Place of the group with the highest rate; -1 if no group can be judged.
    hits : ndarray, shape (G,)
        Rows that count, of the ``rate.n`` of each group.
    together : float
        Level at which the limits of the ratios, and of the differences, hold for all pairs of
        groups.
    """

    rate: Interval
    best: int
    hits: Floats
    together: float

    @cached_property
    def ratio(self) -> Interval:
        """Rate over the best group's, shape (G,); 1 for that group itself."""
        if self.best < 0:
            return self._nothing
        top, rows = self.best, self.rate.n
        found = koopman(self.hits, rows, self.hits[top], rows[top], confidence=self._level)
        return self._fixed(found)

    @cached_property
    def difference(self) -> Interval:
        """Rate less the best group's, shape (G,); 0 for that group itself."""
        if self.best < 0:
            return self._nothing
        own = wilson(self.hits, self.rate.n, confidence=self._level)
        return self._fixed(_less(own, self.best))

    @property
    def smallest_ratio(self) -> float:
        """The ratio of the group that fares worst; NaN with fewer than two groups."""
        known = self.rate.value[np.isfinite(self.rate.value)]
        comparable = known.size > 1 and known.max() > 0
        return float(known.min() / known.max()) if comparable else float("nan")

    @property
    def largest_difference(self) -> float:
        """How far the group that fares worst lies below the best; NaN with fewer than two."""
        known = self.rate.value[np.isfinite(self.rate.value)]
        return float(known.max() - known.min()) if known.size > 1 else float("nan")

    @property
    def worst(self) -> int:
        """Place of the group with the lowest rate; -1 with fewer than two groups."""
        known = np.isfinite(self.rate.value)
        return int(np.nanargmin(self.rate.value)) if np.count_nonzero(known) > 1 else -1

    @property
    def below_four_fifths(self) -> Booleans:
        """Groups whose rate is less than four fifths of the best group's, shape (G,)."""
        return np.asarray(self.ratio.value < FOUR_FIFTHS)

    @property
    def _level(self) -> float:
        groups = int(np.count_nonzero(self.rate.n > 0))
        return pairwise_confidence(groups, together=self.together)

    @property
    def _nothing(self) -> Interval:
        unknown = np.full(self.rate.value.shape, np.nan)
        return Interval(unknown, unknown, unknown, self.rate.n)

    def _fixed(self, figure: Interval) -> Interval:
        """Return a comparison in which the best group beside itself is known."""
        itself = np.arange(self.rate.value.size) == self.best
        low, high = (np.where(itself, figure.value, part) for part in (figure.low, figure.high))
        return Interval(figure.value, low, high, figure.n)


def selection_rates(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95, together: float = 0.95
) -> Compared:
    """Compare the shares of favourable decisions: demographic parity and four fifths.

    Parameters
    ----------
    counts : GroupCounts
        The groups.
    minimum : int
        Groups with fewer rows behind the figure are left out: neither shown nor the best.
    confidence : float
        Level of the interval of each rate.
    together : float
        Level at which the limits of the ratios, and of the differences, hold for all pairs of
        groups.

    Notes
    -----
    Limits of ratios: Koopman (1984); of differences: Newcombe (1998), method 10; for all pairs
    together: Tukey and Kramer, see :func:`core.metrics.fairness.simultaneous.pairwise_confidence`.
    Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D (1978), for the four
    fifths; fairlearn's ``demographic_parity_ratio`` for the smallest ratio.
    """
    shown = _enough(counts.n, counts, minimum)
    return _compared(counts.favourable, counts.n, shown, confidence, together)


def true_positive_rates(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95, together: float = 0.95
) -> Compared:
    """Compare recall, TP / (TP + FN): equal opportunity is no difference."""
    shown = _enough(counts.positives, counts, minimum)
    return _compared(counts.true_positives, counts.positives, shown, confidence, together)


def false_positive_rates(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95, together: float = 0.95
) -> Compared:
    """Compare FP / (FP + TN); with the true positive rates: equalised odds."""
    negatives = counts.false_positives + counts.true_negatives
    shown = _enough(negatives, counts, minimum)
    return _compared(counts.false_positives, negatives, shown, confidence, together)


def precisions(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95, together: float = 0.95
) -> Compared:
    """Compare TP / (TP + FP): predictive parity is no difference."""
    flagged = counts.true_positives + counts.false_positives
    shown = _enough(flagged, counts, minimum)
    return _compared(counts.true_positives, flagged, shown, confidence, together)


def equalised_odds_difference(counts: GroupCounts, *, minimum: int = 1) -> float:
    """Return the larger of the largest differences of true and of false positive rates.

    0 is equalised odds. NaN where either cannot be compared.

    Notes
    -----
    Hardt, Price and Srebro (2016); fairlearn's ``equalized_odds_difference``.
    """
    both = (
        true_positive_rates(counts, minimum=minimum).largest_difference,
        false_positive_rates(counts, minimum=minimum).largest_difference,
    )
    return float(np.max(both))


def mean_scores(counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95) -> Interval:
    r"""Return the average score of each group with its interval, shape (G,).

    .. math:: \bar s \pm z \sqrt{\left(\tfrac{1}{n}\sum s^2 - \bar s^2\right) / n}

    Scores that are all the same say nothing of how they spread: the limits are NaN.
    """
    rows = np.where((counts.n >= minimum) & (counts.scored >= minimum), counts.scored, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = counts.score / rows
        squares = counts.score_squares / rows
        variance = squares - value**2
        variance = np.where(variance > _ROUNDING * squares, variance, np.nan)
        half = normal_quantile(confidence) * np.sqrt(variance / rows)
    return Interval(value, value - half, value + half, np.nan_to_num(rows))


def calibration_gaps(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95
) -> Interval:
    """Return outcome rate less mean score of the same rows of each group, shape (G,).

    Above 0, more happened than the score said. The interval is that of the outcome rate (Wilson),
    moved by the mean score.
    """
    enough = (counts.n >= minimum) & (counts.scored_labelled >= minimum)
    rows = np.where(enough, counts.scored_labelled, 0.0)
    rate = wilson(np.where(enough, counts.scored_positives, 0.0), rows, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = counts.score_of_labelled / np.where(rows > 0, rows, np.nan)
    return Interval(rate.value - expected, rate.low - expected, rate.high - expected, rows)


def _enough(rows: Floats, counts: GroupCounts, minimum: int) -> Booleans:
    return np.asarray((counts.n >= minimum) & (rows >= minimum))


def _compared(
    hits: Floats, rows: Floats, shown: Booleans, confidence: float, together: float
) -> Compared:
    kept, counted = np.where(shown, rows, 0.0), np.where(shown, hits, 0.0)
    rate = wilson(counted, kept, confidence=confidence)
    best = int(np.nanargmax(rate.value)) if (kept > 0).any() else -1
    return Compared(rate, best, counted, together)


def _less(rate: Interval, best: int) -> Interval:
    """Return rates less the best one, with the limits of Newcombe (1998), method 10."""
    top, low, high = (part[best] for part in (rate.value, rate.low, rate.high))
    value = rate.value - top
    down = np.hypot(rate.value - rate.low, high - top)
    up = np.hypot(rate.high - rate.value, top - low)
    return Interval(value, value - down, value + up, rate.n)
