"""Raw labelled rows for the tests of performance, and their counts made without the code's help."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.metrics.arrays import Floats
from core.metrics.performance import ScoreCounts

GRID = 20
EPSILON = 2.220446049250313e-16

Rows = tuple[Floats, Floats]


def _arrays(pairs: Sequence[tuple[int, bool]]) -> Rows:
    return (
        np.asarray([place / GRID for place, _ in pairs], dtype=np.float64),
        np.asarray([float(label) for _, label in pairs], dtype=np.float64),
    )


RAW = st.lists(st.tuples(st.integers(0, GRID), st.booleans()), max_size=60).map(_arrays)
"""Scores of 0, 1/20 … 1, so with many ties, and labels; possibly no row or one class."""
BOTH = RAW.filter(lambda rows: 0 < rows[1].sum() < rows[1].size)
"""Such rows with both outcomes."""


def simulated(n: int, seed: int, *, lift: float = 1.0, digits: int = 9) -> Rows:
    """Return scores around 0.16 and outcomes of ``lift`` times that probability."""
    random = np.random.default_rng(seed)
    scores = np.round(1 / (1 + np.exp(-(random.normal(size=n) * 1.2 - 2))), digits)
    return scores, (random.random(n) < np.minimum(scores * lift, 1)).astype(np.float64)


def binned(scores: Floats, labels: Floats, bins: int) -> ScoreCounts:
    """Return the counts of ``bins`` equally wide bins, of each row's own terms."""
    place = np.minimum(np.floor(scores * bins + 1e-9).astype(np.int64), bins - 1)
    clipped = np.clip(scores, EPSILON, 1 - EPSILON)
    surprise = -np.log(np.where(labels == 1, clipped, 1 - clipped))

    def sums(values: Floats) -> Floats:
        return np.bincount(place, values, bins).astype(np.float64)

    return ScoreCounts(
        positives=sums(labels),
        negatives=sums(1 - labels),
        score_of_positives=sums(labels * scores),
        score_of_negatives=sums((1 - labels) * scores),
        square_of_positives=sums(labels * scores**2),
        square_of_negatives=sums((1 - labels) * scores**2),
        surprise=sums(surprise),
        fourth_power=sums((scores - labels) ** 4),
        surprise_squared=sums(surprise**2),
    )


def added(first: Any, second: Any) -> Any:
    """Return the sums of two parts of the same kind."""
    return type(first)(
        *(getattr(first, each.name) + getattr(second, each.name) for each in fields(first))
    )


def pooled(first: Rows, second: Rows) -> Rows:
    """Return the rows of both."""
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
