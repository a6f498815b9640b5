"""Why decisions were made, asked of the registered model of their version: one, or many at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.contract import ModelContract
from core.domain.explanation import LOWERS, RAISES, CodeBook
from core.domain.explanation.record import (
    MODEL,
    MOST_REASONS,
    Attributions,
    ExplanationRecord,
    Part,
    Reason,
    Rescored,
    Standing,
    Steadiness,
)
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.attribution import Attribution, attribute_each, stability, top_fields
from core.metrics.one_thread import one_thread
from core.services.explanation.decision import Decision
from core.services.explanation.explainer import Explainer
from core.services.explanation.other_results import other_results
from core.services.explanation.policy import Judged
from core.services.reproduce.compare import DEFAULT_TOLERANCE, logged_decimals
from core.services.reproduce.models import REASONS, class_place, recomputed
from core.services.reproduce.models import Reason as NoScore
from core.services.reproduce.rows import input_frame

if TYPE_CHECKING:
    import pandas as pd

DIFFERS = N_("The registered model gives another score than the log has.")
TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Begun:
    """A decision, what its policy made of it, and the record so far."""

    decision: Decision
    seen: Judged
    record: ExplanationRecord


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """What the fields add to one score beside the background, and beside each redraw of it."""

    first: Attribution
    redrawn: Floats


def explained_by_model(
    begun: Sequence[Begun], explainer: Explainer, codes: CodeBook
) -> list[ExplanationRecord]:
    """Return what the registered model says of decisions, where it gives the score of the log.

    Parameters
    ----------
    begun : sequence of Begun
        Decisions of one version.
    explainer : Explainer
        Of that version.
    codes : CodeBook
        In force; empty where there is none.
    """
    found = _checked(begun, explainer)
    together: dict[int, list[int]] = {}
    for place, record in enumerate(found):
        if not record.why:
            together.setdefault(begun[place].seen.place, []).append(place)
    for score, places in together.items():
        beside = _attributed(explainer, [begun[place].decision for place in places], score)
        for row, place in enumerate(places):
            each = replace(begun[place], record=found[place])
            found[place] = _told(each, explainer, beside[row], codes)
    return found


def _checked(begun: Sequence[Begun], explainer: Explainer) -> list[ExplanationRecord]:
    """Return the records with the model's own scores, and the reason where it gives another."""
    contract, inputs = begun[0].decision.contract, explainer.loaded.inputs
    noted = [_noted(each, explainer) for each in begun]
    asked = [place for place, record in enumerate(noted) if not record.why]
    frame = input_frame(contract, inputs, [begun[place].decision.row for place in asked])
    with one_thread():
        scores = recomputed(explainer.loaded, contract, frame)
    for place, row in zip(asked, scores, strict=True):
        noted[place] = _held(noted[place], float(row[begun[place].seen.place]))
    return noted


def _noted(begun: Begun, explainer: Explainer) -> ExplanationRecord:
    record = replace(begun.record, artefact=explainer.artefact)
    decision = begun.decision
    if record.subject.score is None:
        return replace(record, why=REASONS[NoScore.score_missing])
    inputs = (decision.contract.alias(name) for name in explainer.loaded.inputs)
    if any(name not in decision.row for name in inputs):
        return replace(record, why=REASONS[NoScore.feature_missing])
    return record


def _held(record: ExplanationRecord, again: float) -> ExplanationRecord:
    """Return a record with the model's score beside the one of the log."""
    if record.subject.score is None:
        raise TypeError("a decision without a score is not held against a model")
    if math.isnan(again):
        return replace(record, why=REASONS[NoScore.scoring_failed])
    rescored = score_again(record.subject.score, again)
    return replace(record, rescored=rescored, why="" if rescored.agrees else DIFFERS)


def score_again(logged: float, again: float) -> Rescored:
    """Return a logged score beside the model's own, and whether the two are the same."""
    decimals = logged_decimals([logged])
    tolerance = DEFAULT_TOLERANCE + (0.0 if decimals is None else 0.5 * 10.0**-decimals)
    return Rescored(logged, again, tolerance, abs(again - logged) <= tolerance)


def _attributed(explainer: Explainer, decisions: Sequence[Decision], score: int) -> list[_Beside]:
    """Return what the fields add to a score, for each of some decisions."""
    contract, inputs = decisions[0].contract, explainer.loaded.inputs
    frame = input_frame(contract, inputs, [each.row for each in decisions])
    found = _asked(explainer, contract, frame, score)
    if found[0].method is explainer.method or len(frame) == 1:
        return [_row_of(found, row) for row in range(len(frame))]
    # One row that the model is read wrongly for lets all be told another way: each by itself.
    alone = (_asked(explainer, contract, frame.iloc[[row]], score) for row in range(len(frame)))
    return [_row_of(each, 0) for each in alone]


def _asked(
    explainer: Explainer, contract: ModelContract, frame: "pd.DataFrame", score: int
) -> list[Attribution]:
    return attribute_each(
        explainer.loaded.pipeline,
        frame,
        explainer.pool,
        explainer.members,
        place=class_place(explainer.loaded.pipeline, contract, score),
        seed=contract.explanation.seed,
    )


def _row_of(found: Sequence[Attribution], row: int) -> _Beside:
    first, *others = found
    redrawn = [each.values[row] for each in others]
    return _Beside(
        replace(
            first,
            values=first.values[[row]],
            error=None if first.error is None else first.error[[row]],
        ),
        np.array(redrawn).reshape(len(redrawn), len(first.fields)),
    )


def _told(
    begun: Begun, explainer: Explainer, beside: _Beside, codes: CodeBook
) -> ExplanationRecord:
    """Return the record with what was found of the model."""
    record, seen, found = begun.record, begun.seen, beside.first
    if record.rescored is None:
        raise TypeError("a decision is told of a model that gives its score")
    parts = _parts(begun.decision, explainer, found)
    towards = seen.towards or (1 if found.values[0].sum() >= 0 else -1)
    steady = stability(found.values[0], beside.redrawn, towards=towards, top=MOST_REASONS)
    return replace(
        record,
        source=MODEL,
        background=explainer.background,
        attributions=Attributions(
            method=str(found.method),
            scale=str(found.space),
            base=found.base,
            output=float(found.outputs[0]),
            parts=parts,
            walks=found.walks,
        ),
        steadiness=Steadiness(steady.redraws, steady.same_reasons, steady.same_first)
        if steady.redraws
        else None,
        reasons=reasons_of(parts, towards, codes),
        standing=_standing(explainer.scores[:, seen.place], record.rescored.again),
        others=other_results(begun.decision, explainer, seen),
    )


def _parts(decision: Decision, explainer: Explainer, found: Attribution) -> tuple[Part, ...]:
    return tuple(
        Part(
            name,
            decision.cell(name),
            explainer.usual[name],
            float(found.values[0, column]),
            None if found.error is None else float(found.error[0, column]),
        )
        for column, name in enumerate(found.fields)
    )


def reasons_of(parts: Sequence[Part], towards: int, codes: CodeBook) -> tuple[Reason, ...]:
    """Return the most important parts on the decision's side, with their codes."""
    told = top_fields([each.added for each in parts], towards=towards, top=MOST_REASONS)
    side = sum(each.added for each in parts if each.added * towards > 0)
    direction = RAISES if towards > 0 else LOWERS
    reasons = []
    for place in told:
        part = parts[place]
        entry = codes.of(part.field, direction)
        code = "" if entry is None else entry.code
        reasons.append(Reason(code, part.field, direction, part.added, part.added / side))
    return tuple(reasons)


def _standing(scores: Floats, own: float) -> Standing:
    known = scores[~np.isnan(scores)]
    below = float((known < own).mean() + 0.5 * (known == own).mean()) if known.size else math.nan
    return Standing(TRAINING, int(known.size), below)
