"""Areas under the ROC curve of slices beside the rest."""

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, normal_quantile
from core.metrics.performance import ScoreCounts, roc_auc_from_counts
from core.metrics.slices.comparison import FEWEST_EVENTS, Comparison, compared
from core.metrics.slices.tails import two_sided


def compare_areas(slices: ScoreCounts, rest: ScoreCounts) -> Comparison:
    r"""Return areas under the ROC curve of slices beside those of the rest, by DeLong's variance.

    .. math:: s^2 = \frac{s_{10}^2}{m} + \frac{s_{01}^2}{k}

    where the one is the variance, over the m positives, of the share of negatives that a positive
    is above, and the other that over the k negatives. The rows of both sides are separate, so their
    variances add up. That of a slice is taken at least as large as the spreads of the rest would
    make it: a perfect order of few rows is no certainty.

    Parameters
    ----------
    slices, rest : ScoreCounts, shape (S, B)
        In the same bins; scores of one count as equal.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson (1988).
    """
    found = roc_auc_from_counts(slices.positives, slices.negatives)
    other = roc_auc_from_counts(rest.positives, rest.negatives)
    first, second = _spreads(slices), _spreads(rest)
    m, k = found.positives, found.negatives
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.fmax(first[0] / m + first[1] / k, second[0] / m + second[1] / k)
        beside = second[0] / other.positives + second[1] / other.negatives
    p = two_sided(found.value - other.value, own + beside, np.zeros_like(own))
    fewest = np.minimum.reduce([m, k, other.positives, other.negatives])
    return compared(
        _around(found.value, own, m + k),
        _around(other.value, beside, other.positives + other.negatives),
        p,
        fewest >= FEWEST_EVENTS,
    )


def _spreads(counts: ScoreCounts) -> tuple[Floats, Floats]:
    """Return the variances of what positives are above and negatives below, shape (S,)."""
    hits, misses = counts.positives, counts.negatives
    return _variance(hits, misses), _variance(hits[..., ::-1], misses[..., ::-1], of_misses=True)


def _variance(hits: Floats, misses: Floats, *, of_misses: bool = False) -> Floats:
    rows, others = (misses, hits) if of_misses else (hits, misses)
    n, m = rows.sum(axis=-1), others.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (np.cumsum(others, axis=-1) - others / 2) / m[..., None]
        mean = (rows * share).sum(axis=-1) / n
        squares = (rows * (share - mean[..., None]) ** 2).sum(axis=-1)
        return np.asarray(squares / (n - 1))


def _around(value: Floats, variance: Floats, n: Floats) -> Interval:
    half = normal_quantile(0.95) * np.sqrt(variance)
    return Interval(value, np.clip(value - half, 0.0, 1.0), np.clip(value + half, 0.0, 1.0), n)
