"""Along one field at a time: the nearest value that does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.counterfactual.trials import Block, Trials

AT_ONCE = 200
"""Values of a line that are tried together; of a longer one so many, then those between."""


@dataclass(frozen=True, slots=True)
class Line:
    """Values of one field, nearest to the row's own first, while other fields are held.

    Parameters
    ----------
    field : str
        Which.
    values : ndarray
        In the order in which they are wanted.
    held : mapping of str to object
        Fields that are changed already, and their values.
    """

    field: str
    values: AnyArray
    held: Mapping[str, Any]

    def block(self, places: Integers) -> Block:
        """Return the variants at some places of the line."""
        block: dict[str, AnyArray] = {
            name: np.full(len(places), value, kind_of(value)) for name, value in self.held.items()
        }
        return {**block, self.field: self.values[places]}


@dataclass(frozen=True, slots=True)
class Along:
    """What was met on a line.

    Parameters
    ----------
    place : int, optional
        First place that does and whose forerunner was tried and does not; None if none does.
    scores : ndarray
        Of the places tried first.
    """

    place: int | None
    scores: Floats


def along(lines: Sequence[Line], trials: Trials) -> list[Along]:
    """Return the first value that does on each line; all lines are asked about together.

    Of a line with more than 200 values 200 are tried, evenly spread, then those between the first
    of them that does and the one before it, until nothing is left between. So the value before
    the one returned has always been tried, and does not do.
    """
    places: list[int | None] = [None] * len(lines)
    first: dict[int, Floats] = {}
    spans = {number: (0, len(line.values)) for number, line in enumerate(lines)}
    while spans:
        tried = {number: _spread(*span) for number, span in spans.items()}
        blocks = [lines[number].block(each) for number, each in tried.items()]
        left = {}
        for (number, each), verdict in zip(tried.items(), trials.judge(blocks), strict=True):
            first.setdefault(number, verdict.scores)
            hits = np.flatnonzero(verdict.good)
            if hits.size:
                places[number] = int(each[hits[0]])
                start = int(each[hits[0] - 1]) + 1 if hits[0] else spans[number][0]
                left[number] = (start, int(each[hits[0]]))
        spans = {number: span for number, span in left.items() if span[0] < span[1]}
    return [Along(place, first[number]) for number, place in enumerate(places)]


def kind_of(value: Any) -> type:
    """Return the type of an array of such values."""
    return object if isinstance(value, str) else np.float64


def _spread(start: int, end: int) -> Integers:
    if end - start <= AT_ONCE:
        return np.arange(start, end)
    return np.unique(np.linspace(start, end - 1, AT_ONCE).round().astype(np.int64))
