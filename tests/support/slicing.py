"""Rows of a binary model cut into slices, laid out as the figures read them."""

from dataclasses import fields
from typing import Any

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.performance import Confusion, ScoreCounts


def counts_by_slice(score: Floats, label: Floats, place: Integers, slices: int) -> ScoreCounts:
    """Return rows by slice and distinct score, shape (slices, scores)."""
    distinct, cell = np.unique(score, return_inverse=True)
    at = place * distinct.size + cell

    def laid(weights: Floats) -> Floats:
        shape = (slices, distinct.size)
        return np.bincount(at, weights, slices * distinct.size).reshape(shape).astype(np.float64)

    surprise = -np.log(np.where(label == 1, score, 1 - score))
    hit, miss = label == 1, label == 0
    return ScoreCounts(
        positives=laid(1.0 * hit),
        negatives=laid(1.0 * miss),
        score_of_positives=laid(score * hit),
        score_of_negatives=laid(score * miss),
        square_of_positives=laid(score**2 * hit),
        square_of_negatives=laid(score**2 * miss),
        surprise=laid(surprise),
        fourth_power=laid((score - label) ** 4),
        surprise_squared=laid(surprise**2),
    )


def cells_by_slice(flagged: Booleans, label: Floats, place: Integers, slices: int) -> Confusion:
    """Return the confusion matrix of each slice."""

    def count(said: bool, came: int) -> Floats:
        chosen = (flagged == said) & (label == came)
        return np.bincount(place[chosen], minlength=slices).astype(np.float64)

    return Confusion.of(count(True, 1), count(True, 0), count(False, 1), count(False, 0))


def rest_of(whole: Any) -> Any:
    """Return what all other slices together have, for each slice."""
    parts = (getattr(whole, each.name) for each in fields(whole))
    return type(whole)(*(part.sum(axis=0, keepdims=True) - part for part in parts))
