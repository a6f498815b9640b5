"""What if: the model that decided, asked about other values of what a person could change."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract.text import LocalisedText
from core.domain.explanation.record import Cell, Change
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.counterfactual import Lever
from core.metrics.counterfactual.background import is_missing
from core.metrics.one_thread import one_thread
from core.services import access
from core.services.explanation.by_model import DIFFERS, score_again
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.explainer import Explainer, explainer_of
from core.services.explanation.frames import frame_of
from core.services.explanation.other_results import levers_for
from core.services.explanation.policy import judged
from core.services.reproduce.models import REASONS, Reason, recomputed, score_columns
from core.services.reproduce.policy import policy_of
from core.services.workspace import Workspace

STEPS = 400
"""Most values of a number that are offered; between them any allowed one may be asked for."""

MASKED = N_("The contract masks the score, and what would tell it.")
NO_MODEL = N_("The model that decided cannot be asked.")
_HOLDS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that can be tried with other values.

    Parameters
    ----------
    field, is_number : str, bool
        Which, and of what kind.
    own : float or str
        The person's value.
    values : tuple of float or str
        What can be chosen, the own value included: numbers rise.
    advice : LocalisedText, optional
        What the contract says to a person about it.
    """

    field: str
    is_number: bool
    own: float | str
    values: tuple[float | str, ...]
    advice: LocalisedText | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the model says of other values.

    Parameters
    ----------
    before, after : float
        Score that the log has, and the model's own for the changed inputs, unrounded.
    moved : tuple of Change
        What changed with it in the same ratio.
    decision : str
        What the policy's rule does; empty where there is none on the score.
    held, holds : bool
        Whether it holds before, and after.
    """

    before: float
    after: float
    moved: tuple[Change, ...] = ()
    decision: str = ""
    held: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A decision whose model can be asked, with what may be asked about."""

    decision: Decision
    explainer: Explainer
    row: Mapping[str, Cell]
    levers: Mapping[str, Lever]
    place: int
    own: float


def what_if(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    changes: Mapping[str, float | str],
    *,
    actor: Actor,
) -> WhatIf:
    """Return what the version that decided says of other values; nothing of it is kept.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    changes : mapping of str to float or str
        Field → other value; only fields that the contract calls actionable, within its limits.
    actor : Actor
        Needs ``explanation.view``.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.decision.read_decision`.
    InvalidInput
        If a field may not change, or not to that value.
    NotComputable
        If the model cannot be asked, did not make this decision, or its score is masked.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    decision = read_decision(workspace, model_id, prediction_id, actor=actor)
    asked = _asked(workspace, decision)
    row, moved = _changed(asked, changes)
    after = asked.own if row == asked.row else _score(asked, row)
    policy = policy_of(
        decision.contract,
        decision.version,
        local_day(decision.predicted_at, decision.contract.timezone),
    )
    if policy is None or policy.parts()[0] != "score":
        return WhatIf(asked.own, after, moved)
    _, comparison, limit, then = policy.parts()
    holds = _HOLDS[comparison]
    return WhatIf(asked.own, after, moved, then, holds(asked.own, limit), holds(after, limit))


def choices_of(decision: Decision, explainer: Explainer) -> tuple[Choice, ...]:
    """Return the fields of a decision that can be tried, for a caller who was allowed to read it.

    A field that is masked is none of them, nor one that moves a masked one: where they end would
    tell its value.
    """
    found = []
    for lever in _open_levers(decision, explainer):
        own = decision.cell(lever.field)
        sides = lever.reach({name: decision.cell(name) for name in explainer.loaded.inputs}).sides
        if own is None or not sides:
            continue
        others = [value for side in sides for value in side.tolist()]
        is_number = lever.kind == "numeric"
        said = decision.contract.feature(lever.field).actionable
        found.append(
            Choice(
                lever.field,
                is_number,
                own,
                _thinned(sorted({own, *others}), own) if is_number else (own, *others),
                said.advice if said else None,
            )
        )
    return tuple(found)


def _thinned(values: list[Any], own: Cell) -> tuple[Any, ...]:
    """Return at most :data:`STEPS` rising values and the own one: even steps, and both ends."""
    if len(values) <= STEPS:
        return tuple(values)
    places = np.linspace(0, len(values) - 1, STEPS).round().astype(int).tolist()
    return tuple(sorted({values[place] for place in places} | {own}))


def _open_levers(decision: Decision, explainer: Explainer) -> tuple[Lever, ...]:
    masked = decision.contract.is_personal
    return tuple(
        each
        for each in levers_for(decision, explainer)
        if not any(masked(name) for name in (each.field, *each.in_proportion))
    )


def _asked(workspace: Workspace, decision: Decision) -> _Asked:
    if decision.contract.is_personal("@score"):
        raise NotComputable(MASKED)
    explainer = explainer_of(workspace, decision)
    if isinstance(explainer, str):
        raise NotComputable(NO_MODEL)
    place = judged(decision).place
    names = score_columns(decision.contract)
    logged = decision.number(names[place]) if names else None
    if logged is None:
        raise NotComputable(REASONS[Reason.score_missing])
    asked = _Asked(
        decision,
        explainer,
        {name: decision.cell(name) for name in explainer.loaded.inputs},
        {each.field: each for each in _open_levers(decision, explainer)},
        place,
        logged,
    )
    if not score_again(logged, _score(asked, asked.row)).agrees:
        raise NotComputable(DIFFERS)
    return asked


def _changed(
    asked: _Asked, changes: Mapping[str, float | str]
) -> tuple[dict[str, Cell], tuple[Change, ...]]:
    """Return the row with other values, and what moved with them."""
    row, moved = dict(asked.row), []
    for name, value in changes.items():
        lever = asked.levers.get(name)
        if lever is None:
            raise InvalidInput(
                N_("{field} is not a field of this model that can be tried."),
                remedy=N_("Choose a field from the list."),
                field=name,
            )
        own = asked.row[name]
        if value == own:
            continue
        if not _is_allowed(lever, asked.row, value):
            raise InvalidInput(
                N_("The contract does not allow this value of {field} here."),
                remedy=N_("Try a value that the contract allows."),
                field=name,
            )
        row[name] = value
        for other in lever.in_proportion:
            before = asked.row[other]
            if not is_missing(before):
                now = float(row[other]) * float(value) / float(own)  # type: ignore[arg-type]
                row[other] = now
                moved.append(Change(other, before, now))
    return row, tuple(moved)


def _is_allowed(lever: Lever, row: Mapping[str, Cell], value: float | str) -> bool:
    is_text = isinstance(value, str)
    if is_text == (lever.kind == "numeric"):
        return False
    return any(value in side.tolist() for side in lever.reach(row).sides)


def _score(asked: _Asked, row: Mapping[str, Cell]) -> float:
    frame = frame_of(asked.decision.contract, {name: [value] for name, value in row.items()})
    with one_thread():
        found = recomputed(asked.explainer.loaded, asked.decision.contract, frame)
    score = float(found[0, asked.place])
    if np.isnan(score):
        raise NotComputable(REASONS[Reason.scoring_failed])
    return score
