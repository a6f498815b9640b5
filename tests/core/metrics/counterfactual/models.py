"""Models that anybody can work out by hand, and real cases around them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.metrics.arrays import AnyArray, Floats
from core.metrics.counterfactual import Background, Goal, Lever, Score, fit_background

BELOW = Goal("<", 0.5)


def by_row(answer: Callable[[Mapping[str, Any]], float]) -> Score:
    """Return a model that answers each row by itself."""

    def score(columns: Mapping[str, AnyArray]) -> Floats:
        names = list(columns)
        rows = zip(*(columns[name].tolist() for name in names), strict=True)
        return np.array([answer(dict(zip(names, row, strict=True))) for row in rows])

    return score


def spread(**columns: Any) -> Background:
    """Return cases from which nothing is too far."""
    words = {name for name, values in columns.items() if isinstance(values[0], str)}
    return replace(fit_background(columns, words), limit=np.inf)


def number(field: str, values: range, direction: Any = "either") -> Lever:
    """Return a lever of whole numbers."""
    return Lever(field, "numeric", direction, tuple(map(float, values)))
