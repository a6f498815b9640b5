"""Slices of a binary model beside the rest: what happened against scores, order and decisions."""

from collections.abc import Mapping

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance import Confusion, ScoreCounts
from core.metrics.performance.means import mean_interval
from core.metrics.slices.areas import compare_areas
from core.metrics.slices.comparison import (
    FEWEST_EVENTS,
    Comparison,
    MeanSums,
    compare_means,
    compare_shares,
    compared,
)
from core.metrics.slices.tails import two_sided

BINARY_FIGURES = (
    "calibration_gap",
    "roc_auc",
    "precision",
    "recall",
    "specificity",
    "accuracy",
    "brier_score",
    "log_loss",
)
"""Ids of the figures that slices of a binary model are compared by."""


def compare_binary(
    slices: ScoreCounts, rest: ScoreCounts, cells: Confusion, other_cells: Confusion
) -> Mapping[str, Comparison]:
    """Return every figure of slices beside the rest.

    Parameters
    ----------
    slices, rest : ScoreCounts, shape (S, B)
        Labelled rows by score bin: of the slices, and of all other rows, in the same narrow bins.
    cells, other_cells : Confusion, shape (S,)
        The same by prediction and outcome.

    Returns
    -------
    mapping of str to Comparison
        By metric id, in the order of :data:`BINARY_FIGURES`.
    """
    gap = compare_calibration(slices, rest)
    found = {
        "calibration_gap": gap,
        "roc_auc": compare_areas(slices, rest),
        **_of_cells(cells, other_cells),
        "brier_score": compare_means(_squared(slices), _squared(rest), gap.enough),
        "log_loss": compare_means(_surprise(slices), _surprise(rest), gap.enough),
    }
    return {name: found[name] for name in BINARY_FIGURES}


def compare_calibration(slices: ScoreCounts, rest: ScoreCounts) -> Comparison:
    r"""Return by how much outcomes exceed scores, in slices and in the rest.

    .. math:: \frac1n \sum_i (y_i - s_i)

    If there is no difference, a row of score s has a positive outcome with probability s + g, where
    g is the gap of all rows: so positives of a slice are a sum of unequal trials, whose first three
    moments make the p-value. They do not depend on the outcomes of the slice but through g.

    Parameters
    ----------
    slices, rest : ScoreCounts, shape (S, B)
        In the same bins, narrow enough for the scores of one to count as equal.
    """
    value, other = _gap(slices), _gap(rest)
    n, others = slices.n, rest.n
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = (n * np.nan_to_num(value.value) + others * np.nan_to_num(other.value)) / (
            n + others
        )
        score = np.nan_to_num((slices.scores + rest.scores) / (slices.rows + rest.rows))
        chance = np.clip(score + overall[..., None], 0.0, 1.0)
        weight = n / others
        first, second = _moments(slices.rows, chance), _moments(rest.rows, chance)
        variance = first[0] + weight**2 * second[0]
        third = first[1] - weight**3 * second[1]
        p = two_sided(n * (value.value - other.value), variance, third, step=1.0)
    fewest = np.minimum(_events(slices.rows, chance), _events(rest.rows, chance))
    return compared(value, other, p, fewest >= FEWEST_EVENTS)


def _of_cells(own: Confusion, rest: Confusion) -> Mapping[str, Comparison]:
    def share(hits: str, rows: str) -> Comparison:
        sides = (getattr(each, name) for each in (own, rest) for name in (hits, rows))
        return compare_shares(*sides)

    right = (own.true_positives + own.true_negatives, rest.true_positives + rest.true_negatives)
    negatives = (own.n - own.positives, rest.n - rest.positives)
    return {
        "precision": share("true_positives", "flagged"),
        "recall": share("true_positives", "positives"),
        "specificity": compare_shares(
            own.true_negatives, negatives[0], rest.true_negatives, negatives[1]
        ),
        "accuracy": compare_shares(right[0], own.n, right[1], rest.n),
    }


def _gap(counts: ScoreCounts) -> Interval:
    total = counts.positives - counts.scores
    squares = (
        counts.positives
        - 2 * counts.score_of_positives
        + counts.square_of_positives
        + counts.square_of_negatives
    )
    return mean_interval(total.sum(axis=-1), squares.sum(axis=-1), counts.n)


def _moments(rows: Floats, chance: Floats) -> tuple[Floats, Floats]:
    """Return variance and third central moment of the positives, shape (S,)."""
    spread = rows * chance * (1 - chance)
    return spread.sum(axis=-1), (spread * (1 - 2 * chance)).sum(axis=-1)


def _events(rows: Floats, chance: Floats) -> Floats:
    """Return how many of the rarer outcome are expected, shape (S,)."""
    hits, misses = (rows * chance).sum(axis=-1), (rows * (1 - chance)).sum(axis=-1)
    return np.asarray(np.minimum(hits, misses))


def _squared(counts: ScoreCounts) -> MeanSums:
    missed = counts.positives - 2 * counts.score_of_positives + counts.square_of_positives
    total = np.maximum(missed, 0.0) + counts.square_of_negatives
    return MeanSums(total.sum(axis=-1), counts.fourth_power.sum(axis=-1), counts.n)


def _surprise(counts: ScoreCounts) -> MeanSums:
    return MeanSums(counts.surprise.sum(axis=-1), counts.surprise_squared.sum(axis=-1), counts.n)
