"""Levers: which other values a person could have had, by what the contract allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as by_default
from enum import StrEnum
from typing import Any, Literal

import numpy as np

from core.contract import Actionable, Direction, Feature
from core.metrics.arrays import AnyArray, Floats
from core.metrics.counterfactual.background import Background, is_missing

VALUES = 10_000
"""Most values of a number; a finer step is widened to a whole multiple."""

_PERCENTILES = (0.01, 0.99)
_PARTS = 100


class Stuck(StrEnum):
    """Why a field that could be changed is not changed in a row."""

    missing = "missing"
    other_value = "other_value"
    no_proportion = "no_proportion"
    no_room = "no_room"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a lever can do in one row.

    Parameters
    ----------
    sides : tuple of ndarray
        Ways to go, each with its values, the nearest to the row's own first: down and up for a
        number, one for each category.
    stuck : Stuck, optional
        Why there is none.
    """

    sides: tuple[AnyArray, ...] = ()
    stuck: Stuck | None = None


@dataclass(frozen=True, slots=True)
class Lever:
    """A field that a person could change.

    Parameters
    ----------
    field : str
        Which.
    kind : {"numeric", "categorical"}
        Whether it is a number.
    direction : {"either", "increase", "decrease"}
        Where it may go; among categories, in their order.
    values : tuple
        All values that may be named: numbers that rise, or categories.
    order : tuple of str
        Categories between which a person can choose, in order; a row with another one is left as
        it is. Empty if every category may be changed.
    in_proportion : mapping of str to tuple of float
        Fields that change in the same ratio, and their lowest and highest value.
    """

    field: str
    kind: Literal["numeric", "categorical"]
    direction: Direction
    values: tuple[Any, ...]
    order: tuple[str, ...] = ()
    in_proportion: Mapping[str, tuple[float, float]] = by_default(default_factory=dict)

    def reach(self, row: Mapping[str, Any]) -> Reach:
        """Return the values that a row can have instead of its own.

        A missing value is not changed: nobody knows what it is smaller or larger than, and to
        fill it in corrects the record, it changes nothing about the person.
        """
        own = row[self.field]
        if is_missing(own):
            return Reach(stuck=Stuck.missing)
        if self.kind == "categorical":
            return self._categories(str(own))
        if self.in_proportion and own == 0:
            return Reach(stuck=Stuck.no_proportion)
        return self._numbers(row, float(own))

    def _numbers(self, row: Mapping[str, Any], own: float) -> Reach:
        allowed = np.array(self.values, dtype=np.float64)
        for name, (low, high) in self.in_proportion.items():
            if not is_missing(row[name]):
                moved = float(row[name]) * allowed / own
                allowed = allowed[(moved >= low) & (moved <= high)]
        down = allowed[allowed < own][::-1] if self.direction != "increase" else allowed[:0]
        up = allowed[allowed > own] if self.direction != "decrease" else allowed[:0]
        return _reach([side for side in (down, up) if len(side)])

    def _categories(self, own: str) -> Reach:
        if self.order and own not in self.order:
            return Reach(stuck=Stuck.other_value)
        return _reach(
            [
                np.array([value], dtype=object)
                for value in self.values
                if value != own and self._lies_ahead(own, value)
            ]
        )

    def _lies_ahead(self, own: str, value: str) -> bool:
        if self.direction == "either":
            return True
        further = self.order.index(value) > self.order.index(own)
        return further == (self.direction == "increase")


def levers_of(features: Sequence[Feature], background: Background) -> tuple[Lever, ...]:
    """Return a lever for each feature that the contract calls actionable.

    Parameters
    ----------
    features : sequence of Feature
        All of a model.
    background : Background
        Its limits stand where the contract has none, and a category is named only if it has it.
    """
    known = {feature.name: feature for feature in features}
    return tuple(
        _lever(feature, feature.actionable, known, background)
        for feature in features
        if feature.actionable is not None
    )


def _lever(
    feature: Feature, said: Actionable, known: Mapping[str, Feature], background: Background
) -> Lever:
    if feature.type == "numeric":
        moved = {name: _limits(known[name]) for name in said.in_proportion}
        values = _grid(feature, said, background.numbers[feature.name])
        return Lever(feature.name, "numeric", said.direction, values, in_proportion=moved)
    words = background.words[feature.name]
    named = tuple(value for value in said.values if value in words) if said.values else words
    return Lever(feature.name, "categorical", said.direction, named, order=said.values)


def _reach(sides: list[AnyArray]) -> Reach:
    return Reach(tuple(sides)) if sides else Reach(stuck=Stuck.no_room)


def _limits(feature: Feature) -> tuple[float, float]:
    low = -np.inf if feature.minimum is None else feature.minimum
    high = np.inf if feature.maximum is None else feature.maximum
    return low, high


def _grid(feature: Feature, said: Actionable, column: Floats) -> tuple[float, ...]:
    """Return the numbers that may be named, rising."""
    seen = column[np.isfinite(column)]
    lowest, highest = _limits(feature)
    usual = np.quantile(seen, _PERCENTILES) if seen.size else (np.nan, np.nan)
    low = max(usual[0], lowest) if said.minimum is None else said.minimum
    high = min(usual[1], highest) if said.maximum is None else said.maximum
    if not low <= high:
        return ()
    step = said.step or _round_step((high - low) / _PARTS, whole=bool((seen % 1 == 0).all()))
    step *= max(1, int(np.ceil((high - low) / step / VALUES)))
    start = 0.0 if said.minimum is None else said.minimum
    first, last = np.ceil((low - start) / step - 1e-9), np.floor((high - start) / step + 1e-9)
    values = start + step * np.arange(first, last + 1)
    digits = 12 - int(np.floor(np.log10(max(abs(low), abs(high), step))))
    return tuple(np.round(values, digits).tolist())


def _round_step(size: float, *, whole: bool) -> float:
    """Return 1, 2 or 5 times a power of ten, at most ``size``; for whole numbers at least 1."""
    if size <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(size))
    step = max(factor * power for factor in (1, 2, 5) if factor * power <= size * (1 + 1e-9))
    return max(step, 1.0) if whole else float(step)
