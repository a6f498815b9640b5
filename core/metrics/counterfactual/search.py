"""Which change of a few fields would have led to another result."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import NotComputable
from core.i18n import N_
from core.metrics.arrays import AnyArray
from core.metrics.counterfactual.background import Background, is_missing
from core.metrics.counterfactual.found import Counterfactual, FieldChange, Found, Goal, Nothing
from core.metrics.counterfactual.levers import Lever
from core.metrics.counterfactual.trials import Score, Trials
from core.metrics.counterfactual.ways import MOST, Way, alone, diverse, drawn_back, together

MOST_FIELDS = 3
"""Most fields that are changed together."""

_UNSTEADY = N_("The model gives other scores when it is asked again about the same values.")


def find(
    score: Score,
    row: Mapping[str, Any],
    levers: Sequence[Lever],
    background: Background,
    goal: Goal,
) -> Found:
    """Return at most three changes with which the model gives the other result, all else equal.

    Fields are tried alone, then two and three together, until three different sets of them are
    found; a set that holds one found before is left out. Every result is scored once more.

    Parameters
    ----------
    score : callable
        The version that decided, as its scores are logged: rounded, if the log rounds them.
    row : mapping of str to object
        Value of each feature, in the order that the model wants them; None or NaN if missing.
    levers : sequence of Lever
        What may be changed, as :func:`levers_of` returns it.
    background : Background
        Real cases, without this one.
    goal : Goal
        The other result.

    Raises
    ------
    core.errors.NotComputable
        If the model gives another score to a result when asked again.
    """
    trials = Trials(score, row, levers, background, goal)
    own = trials.own_score()
    reaches = {lever.field: lever.reach(row) for lever in levers}
    stuck = {field: reach.stuck for field, reach in reaches.items() if reach.stuck is not None}
    sides = {field: reach.sides for field, reach in reaches.items() if reach.sides}
    results: tuple[Counterfactual, ...] = ()
    if goal.reached(np.array([own]))[0]:
        nothing: Nothing | None = Nothing.already_other_result
    elif not sides:
        nothing = Nothing.no_actionable_field
    else:
        results = _results(_ways(sides, trials, goal, row), trials, goal, row)
        missed = Nothing.only_implausible if trials.far_only else Nothing.not_reachable
        nothing = None if results else missed
    return Found(own, goal, background.limit, results, nothing, stuck, trials.scored)


def _ways(
    sides: Mapping[str, Sequence[AnyArray]], trials: Trials, goal: Goal, row: Mapping[str, Any]
) -> list[Way]:
    ways, promising = alone(sides, trials, goal)
    for size in range(2, MOST_FIELDS + 1):
        taken = {way.fields for way in ways}
        if len(taken) < MOST:
            found = together(promising, size, taken, trials)
            ways += drawn_back(diverse(found, trials), trials, row)
    return diverse(ways, trials)


def _results(
    ways: Sequence[Way], trials: Trials, goal: Goal, row: Mapping[str, Any]
) -> tuple[Counterfactual, ...]:
    blocks = [way.block() for way in ways]
    scores = [float(each[0]) for each in trials.scores(blocks)] if blocks else []
    if not goal.reached(np.array(scores)).all():
        raise NotComputable(_UNSTEADY)
    return tuple(_result(way, score, trials, row) for way, score in zip(ways, scores, strict=True))


def _result(way: Way, score: float, trials: Trials, row: Mapping[str, Any]) -> Counterfactual:
    block = way.block()
    whole = trials.whole(block)
    far, cases = trials.nearest(block)
    changes = {name: _change(name, row[name], whole[name][0]) for name in whole}
    return Counterfactual(
        changes=tuple(changes[name] for name in block),
        moved=tuple(change for name, change in changes.items() if name not in block),
        score=score,
        distance=float(trials.distances(block)[0]),
        nearest=float(far[0]),
        case=int(cases[0]),
    )


def _change(name: str, before: Any, after: Any) -> FieldChange:
    if isinstance(after, str):
        return FieldChange(name, str(before), after)
    return FieldChange(name, None if is_missing(before) else float(before), float(after))
