"""How groups fare beside each other: rates with their intervals, differences and ratios."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.fairness.groups import GroupCounts
from core.metrics.intervals import Interval, normal_quantile, wilson

FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Each group beside the one that fares best.

    Parameters
    ----------
    rate : Interval, shape (G,)
        The figure of each group; NaN for groups left out.
    best : int
        Place of the group with the highest rate; -1 if no group can be judged.
    ratio : Interval, shape (G,)
        Rate over the best group's; 1 for that group itself.
    difference : Interval, shape (G,)
        Rate less the best group's.
    """

    rate: Interval
    best: int
    ratio: Interval
    difference: Interval

    @property
    def smallest_ratio(self) -> float:
        """The ratio of the group that fares worst; NaN with fewer than two groups."""
        known = self.ratio.value[np.isfinite(self.ratio.value)]
        return float(known.min()) if known.size > 1 else float("nan")

    @property
    def largest_difference(self) -> float:
        """How far the group that fares worst lies below the best; NaN with fewer than two."""
        known = self.difference.value[np.isfinite(self.difference.value)]
        return float(-known.min()) if known.size > 1 else float("nan")

    @property
    def worst(self) -> int:
        """Place of the group with the lowest rate; -1 with fewer than two groups."""
        known = np.isfinite(self.rate.value)
        return int(np.nanargmin(self.rate.value)) if np.count_nonzero(known) > 1 else -1

    @property
    def below_four_fifths(self) -> Booleans:
        """Groups whose rate is less than four fifths of the best group's, shape (G,)."""
        return np.asarray(self.ratio.value < FOUR_FIFTHS)


def selection_rates(counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95) -> Compared:
    """Compare the shares of favourable decisions: demographic parity and the four-fifths rule.

    Parameters
    ----------
    counts : GroupCounts
        The groups.
    minimum : int
        Groups with fewer rows behind the figure are left out: neither shown nor the best.
    confidence : float
        Level of the intervals.

    Notes
    -----
    Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D (1978), for the four
    fifths; fairlearn's ``demographic_parity_ratio`` for the smallest ratio.
    """
    return _compared(counts.favourable, counts.n, _enough(counts.n, counts, minimum), confidence)


def true_positive_rates(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95
) -> Compared:
    """Compare recall, TP / (TP + FN): equal opportunity is no difference."""
    shown = _enough(counts.positives, counts, minimum)
    return _compared(counts.true_positives, counts.positives, shown, confidence)


def false_positive_rates(
    counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95
) -> Compared:
    """Compare FP / (FP + TN); with the true positive rates: equalised odds."""
    negatives = counts.false_positives + counts.true_negatives
    shown = _enough(negatives, counts, minimum)
    return _compared(counts.false_positives, negatives, shown, confidence)


def precisions(counts: GroupCounts, *, minimum: int = 1, confidence: float = 0.95) -> Compared:
    """Compare TP / (TP + FP): predictive parity is no difference."""
    flagged = counts.true_positives + counts.false_positives
    shown = _enough(flagged, counts, minimum)
    return _compared(counts.true_positives, flagged, shown, confidence)


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
    """
    rows = np.where((counts.n >= minimum) & (counts.scored >= minimum), counts.scored, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = counts.score / rows
        variance = np.maximum(counts.score_squares / rows - value**2, 0.0)
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


def _compared(hits: Floats, rows: Floats, shown: Booleans, confidence: float) -> Compared:
    kept = np.where(shown, rows, 0.0)
    rate = wilson(np.where(shown, hits, 0.0), kept, confidence=confidence)
    if not (kept > 0).any():
        unknown = np.full(rows.shape, np.nan)
        nothing = Interval(unknown, unknown, unknown, kept)
        return Compared(rate, -1, nothing, nothing)
    best = int(np.nanargmax(rate.value))
    z = normal_quantile(confidence)
    top, top_rows = rate.value[best], kept[best]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = rate.value * (1 - rate.value) / kept
        theirs = top * (1 - top) / top_rows
        difference = rate.value - top
        half = z * np.sqrt(own + theirs)
        ratio = rate.value / top
        # Katz et al. (1978): the logarithm of a ratio of two shares is nearly normal.
        spread = z * np.sqrt((1 - rate.value) / (rate.value * kept) + (1 - top) / (top * top_rows))
        low, high = ratio * np.exp(-spread), ratio * np.exp(spread)
    itself = np.arange(rows.size) == best
    return Compared(
        rate,
        best,
        Interval(
            ratio,
            np.where(itself, ratio, np.where(ratio == 0, 0.0, low)),
            np.where(itself, ratio, high),
            kept,
        ),
        Interval(
            difference,
            np.where(itself, 0.0, difference - half),
            np.where(itself, 0.0, difference + half),
            kept,
        ),
    )
