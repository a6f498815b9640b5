"""Ways to the other result: a value for each of a few fields."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np

from core.metrics.arrays import AnyArray
from core.metrics.counterfactual.found import Goal
from core.metrics.counterfactual.lines import Line, along, kind_of
from core.metrics.counterfactual.trials import Block, Trials

MOST = 3
"""Most ways that are returned."""

TOGETHER = 6
"""Most fields that are tried together, those that alone bring the score nearest to the goal."""

SIDES = 4
"""Most sides of one field that are tried together with other fields, likewise."""

_ROWS = 4_000
_FINEST = 24
_PASSES = 4

Sides = Mapping[str, Sequence[AnyArray]]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A place on a side of each field that is changed.

    Parameters
    ----------
    sides : mapping of str to ndarray
        Values of each field, the nearest to the row's own first.
    places : mapping of str to int
        Which of them.
    """

    sides: Mapping[str, AnyArray]
    places: Mapping[str, int]

    @property
    def fields(self) -> frozenset[str]:
        """Which fields are changed."""
        return frozenset(self.places)

    def values(self) -> dict[str, Any]:
        """Return the value of each field that is changed."""
        return {name: self.sides[name][place] for name, place in self.places.items()}

    def block(self) -> Block:
        """Return the way as a block of one variant."""
        return {name: np.array([value], kind_of(value)) for name, value in self.values().items()}


def alone(sides: Sides, trials: Trials, goal: Goal) -> tuple[list[Way], Sides]:
    """Return the ways of one field, and the sides that are worth a try together.

    Each way is the smallest change on its side that does. Sides are ranked by how near the best
    of their scores comes to the goal.
    """
    pairs = [(name, side) for name, each in sides.items() for side in each]
    answers = along([Line(name, side, {}) for name, side in pairs], trials)
    ways = [
        Way({name: side}, {name: answer.place})
        for (name, side), answer in zip(pairs, answers, strict=True)
        if answer.place is not None
    ]
    short = [float(goal.short_of(answer.scores).min()) for answer in answers]
    order = np.argsort(short, kind="stable")
    ranked: dict[str, list[AnyArray]] = {}
    for number in order:
        name, side = pairs[number]
        if name in ranked or len(ranked) < TOGETHER:
            ranked.setdefault(name, []).append(side)
    return ways, {name: ranked[name][:SIDES] for name in sides if name in ranked}


def together(
    sides: Sides, size: int, taken: Collection[frozenset[str]], trials: Trials
) -> list[Way]:
    """Return the best way on each choice of sides of so many fields, on a coarse grid.

    Parameters
    ----------
    sides : mapping of str to sequence of ndarray
        What may be combined.
    size : int
        How many fields.
    taken : collection of frozenset of str
        Sets of fields that are ways already; one that holds such a set is not tried.
    trials : Trials
        Who is asked.
    """
    choices = [
        dict(zip(fields, chosen, strict=True))
        for fields in combinations(sides, size)
        if not any(each <= set(fields) for each in taken)
        for chosen in product(*(sides[name] for name in fields))
    ]
    if not choices:
        return []
    finest = int(np.clip((_ROWS / len(choices)) ** (1 / size), 2, _FINEST))
    grids = [_grid(choice, finest) for choice in choices]
    blocks = [
        {name: choice[name][places] for name, places in grid.items()}
        for choice, grid in zip(choices, grids, strict=True)
    ]
    ways = []
    for choice, grid, block, verdict in zip(
        choices, grids, blocks, trials.judge(blocks), strict=True
    ):
        if verdict.good.any():
            distances = np.where(verdict.good, trials.distances(block), np.inf)
            best = int(distances.argmin())
            ways.append(Way(choice, {name: int(places[best]) for name, places in grid.items()}))
    return ways


def drawn_back(ways: Sequence[Way], trials: Trials, row: Mapping[str, Any]) -> list[Way]:
    """Return the ways with each field drawn back as far as the others allow, one after another.

    A field that need not change at all is left out. It ends when no field can be drawn back, or
    after four rounds.
    """
    drawn = list(ways)
    for _ in range(_PASSES):
        before = [dict(way.places) for way in drawn]
        for name in dict.fromkeys(name for way in drawn for name in way.places):
            drawn = _one_drawn(drawn, name, trials, row)
        if [dict(way.places) for way in drawn] == before:
            break
    return drawn


def diverse(ways: Sequence[Way], trials: Trials) -> list[Way]:
    """Return at most three ways, fewest fields first, then the smallest change.

    Each has another set of fields, and none holds that of another; only if there is one set alone,
    it stands more than once.
    """
    once = {frozenset(way.values().items()): way for way in ways}
    plain = [way for way in once.values() if not any(each.fields < way.fields for each in ways)]
    ranked = sorted(plain, key=lambda way: (len(way.places), _size(way, trials)))
    first: dict[frozenset[str], Way] = {}
    for way in ranked:
        first.setdefault(way.fields, way)
    return (ranked if len(first) == 1 else list(first.values()))[:MOST]


def _one_drawn(ways: Sequence[Way], name: str, trials: Trials, row: Mapping[str, Any]) -> list[Way]:
    """Return the ways with one field drawn back where it is changed beside others."""
    those = [way for way in ways if name in way.places and len(way.places) > 1]
    lines = []
    for way in those:
        side = way.sides[name][: way.places[name] + 1]
        held = {other: value for other, value in way.values().items() if other != name}
        own = np.array([row[name]], dtype=side.dtype)
        lines.append(Line(name, np.concatenate([own, side]), held))
    answers = along(lines, trials)
    drawn = {
        id(way): _at(way, name, answer.place) for way, answer in zip(those, answers, strict=True)
    }
    return [drawn.get(id(way), way) for way in ways]


def _at(way: Way, name: str, place: int | None) -> Way:
    """Return a way at a place of a line that begins with the row's own value."""
    others = {other: each for other, each in way.places.items() if other != name}
    if place is None:
        return way
    return replace(way, places=others if place == 0 else {**way.places, name: place - 1})


def _grid(choice: Mapping[str, AnyArray], finest: int) -> dict[str, AnyArray]:
    """Return places on each side, every one of a field with every one of the others."""
    spread = [
        np.unique(np.linspace(0, len(side) - 1, finest).round().astype(np.int64))
        for side in choice.values()
    ]
    mesh = np.meshgrid(*spread, indexing="ij")
    return {name: places.ravel() for name, places in zip(choice, mesh, strict=True)}


def _size(way: Way, trials: Trials) -> float:
    return float(trials.distances(way.block())[0])
