"""Variants of one row: what the model says of them, and whether they are near real cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.metrics.counterfactual.background import Background, Nearness, is_missing
from core.metrics.counterfactual.found import Goal
from core.metrics.counterfactual.levers import Lever

Score = Callable[[Mapping[str, AnyArray]], Floats]
"""One version of a model: columns of features in, one score a row out."""

Block = Mapping[str, AnyArray]
"""Values of the levers of some variants, each of shape (variants,)."""

_UNEQUAL = N_("The model gave {scores} scores for {rows} rows.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a block's variants is the other result.

    Parameters
    ----------
    scores : ndarray, shape (variants,)
        Of the model.
    good : ndarray of bool, shape (variants,)
        Which reach the goal and are near a real case.
    """

    scores: Floats
    good: Booleans


class Trials:
    """Asks one version of a model about variants of one row.

    Parameters
    ----------
    score : callable
        The version.
    row : mapping of str to object
        Value of each feature, in the order that the model wants them.
    levers : sequence of Lever
        What may be changed.
    background : Background
        Real cases.
    goal : Goal
        The other result.
    """

    def __init__(
        self,
        score: Score,
        row: Mapping[str, Any],
        levers: Sequence[Lever],
        background: Background,
        goal: Goal,
    ) -> None:
        self._score, self._row, self._background, self._goal = score, row, background, goal
        self._levers = {lever.field: lever for lever in levers}
        self._nearness = Nearness(background, row)
        self.scored = 0
        self.far_only = False
        """Whether a variant reached the goal that was far from every real case."""

    def own_score(self) -> float:
        """Return what the model gives for the row as it is."""
        return float(self.scores([{}])[0][0])

    def judge(self, blocks: Sequence[Block]) -> list[Verdict]:
        """Return what becomes of the variants of each block, asked for in one call."""
        verdicts = []
        for block, scores in zip(blocks, self.scores(blocks), strict=True):
            good = self._goal.reached(scores)
            places = np.flatnonzero(good)
            if places.size:
                there = {name: values[places] for name, values in block.items()}
                far = self.nearest(there)[0] > self._background.limit
                good[places[far]] = False
                self.far_only |= bool(far.any())
            verdicts.append(Verdict(scores, good))
        return verdicts

    def scores(self, blocks: Sequence[Block]) -> list[Floats]:
        """Return the scores of each block's variants; an empty block is the row itself.

        Raises
        ------
        InvalidInput
            If the model does not give one score a row.
        """
        sizes = [len(next(iter(block.values()), [None])) for block in blocks]
        ends = np.cumsum(sizes)
        columns = {name: self._repeated(name, int(ends[-1])) for name in self._row}
        for block, end, size in zip(blocks, ends, sizes, strict=True):
            for name, values in self.whole(block).items():
                columns[name][end - size : end] = values
        found = np.asarray(self._score(columns), dtype=np.float64)
        if found.shape != (ends[-1],):
            raise InvalidInput(_UNEQUAL, scores=found.size, rows=int(ends[-1]))
        self.scored += len(found)
        return list(np.split(found, ends[:-1]))

    def nearest(self, block: Block) -> tuple[Floats, Integers]:
        """Return how far each variant is from its nearest real case, and which that is."""
        return self._nearness.of(self.whole(block))

    def whole(self, block: Block) -> dict[str, AnyArray]:
        """Return the levers' values with those of the fields that move in proportion."""
        whole = dict(block)
        for field, values in block.items():
            for name in self._levers[field].in_proportion:
                before = whole.get(name, self._row[name])
                if not is_missing(self._row[name]):
                    whole[name] = before * (values.astype(np.float64) / float(self._row[field]))
        return whole

    def distances(self, block: Block) -> Floats:
        """Return the size of each variant's changes."""
        parts = [
            self._background.change(field, self._row[field], values)
            for field, values in block.items()
        ]
        return np.asarray(np.sum(parts, axis=0))

    def _repeated(self, name: str, rows: int) -> AnyArray:
        kind = np.float64 if name in self._background.numbers else object
        value = self._row[name]
        return np.full(rows, np.nan if is_missing(value) else value, dtype=kind)
