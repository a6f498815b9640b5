"""How far figures from score bins can lie from those of the scores themselves."""

from collections.abc import Mapping

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.performance.ranking import average_precision
from core.metrics.performance.scores import ScoreCounts


def binning_bounds(counts: ScoreCounts, tied: Booleans | None = None) -> Mapping[str, Floats]:
    r"""Return how far each figure of the order can lie from that of the scores themselves.

    Nothing is known of the order within a bin b. With the shares p and q of all positives and of
    all negatives that it holds:

    - the area under the ROC curve is off by at most :math:`\tfrac12 \sum_b p_b q_b`, as each of
      these pairs counts one half and may count 0 or 1; the Gini coefficient by twice that;
    - the KS of the score is never above the exact one, and below it by at most
      :math:`\max_b \min(p_b, q_b)`: the gap g at the bin's lower border cannot rise above g + p,
      which is q more than the gap at its upper border, nor fall below g - q;
    - the average precision and the exact one lie both between

      .. math:: \sum_b p_b \frac{A + 1}{A + 1 + N + Q} \quad\text{and}\quad
                \sum_b p_b \frac{A + P}{A + P + N}

      with the P positives and Q negatives of the bin and the A and N above it: at a cut-off
      within the bin, 1 to P more positives are flagged, and 0 to Q more negatives.

    A bin of one score hides nothing: equal scores have no order. The Brier score, the log loss and
    the figures of a cut-off are exact from bins.

    Parameters
    ----------
    counts : ScoreCounts
        Whole rows by bin, shape (..., B).
    tied : ndarray of bool, shape (..., B), optional
        Bins whose rows all have one score; without it, none is taken to be one.

    Returns
    -------
    mapping of str to ndarray, shape (...)
        By metric id the largest distance; 0 means exact, NaN where a class is absent.
    """
    hits, misses = counts.positives, counts.negatives
    with np.errstate(divide="ignore", invalid="ignore"):
        p = hits / hits.sum(axis=-1, keepdims=True)
        q = misses / misses.sum(axis=-1, keepdims=True)
    one = np.zeros(hits.shape, dtype=np.bool_) if tied is None else tied
    area = np.where(one, 0.0, p * q).sum(axis=-1) / 2
    precision = np.where(np.isnan(area), np.nan, _of_precision(hits, misses, p, one))
    return {
        "roc_auc": area,
        "gini": 2 * area,
        "ks_of_score": np.where(one, 0.0, np.minimum(p, q)).max(axis=-1),
        "average_precision": precision,
    }


def _of_precision(hits: Floats, misses: Floats, p: Floats, tied: Booleans) -> Floats:
    above = np.flip(np.cumsum(np.flip(hits, -1), -1), -1) - hits
    false = np.flip(np.cumsum(np.flip(misses, -1), -1), -1) - misses
    first = above + np.where(tied, hits, np.minimum(hits, 1.0))
    last = false + np.where(tied, misses, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = np.where(hits > 0, p * first / (first + false + misses), 0.0).sum(axis=-1)
        highest = np.where(hits > 0, p * (above + hits) / (above + hits + last), 0.0).sum(axis=-1)
    found = average_precision(hits, misses)
    return np.asarray(np.maximum(highest - found, found - lowest))
