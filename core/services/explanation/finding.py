"""Finding why a decision was made: from the model itself, else from the log, else not at all."""

import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.domain.explanation import LOWERS, RAISES, CodeBook
from core.domain.explanation.record import (
    LOGGED,
    MODEL,
    MOST_REASONS,
    NONE,
    Attributions,
    ExplanationRecord,
    Part,
    Reason,
    Rescored,
    Standing,
    Steadiness,
    Subject,
)
from core.domain.identity import Actor
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.attribution import Attribution, attribute_each, stability, top_fields
from core.services.explanation.code_books import book_of
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.explainer import Explainer, explainer_of
from core.services.explanation.other_results import other_results
from core.services.explanation.policy import Judged, judged
from core.services.reproduce_compare import DEFAULT_TOLERANCE, logged_decimals
from core.services.reproduce_models import REASONS, class_place, recomputed, score_columns
from core.services.reproduce_models import Reason as NoScore
from core.services.reproduce_rows import input_frame
from core.services.review.reason_columns import ATTRIBUTION
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store import code_books

if TYPE_CHECKING:
    import pandas as pd

DIFFERS = N_("The registered model gives another score than the log has.")
TRAINING = "training"


def find_explanation(
    workspace: Workspace, model_id: str, prediction_id: str, *, actor: Actor
) -> ExplanationRecord:
    """Find why a decision was made; nothing is kept.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    actor : Actor
        Needs ``explanation.view``. The record holds values as they are: whoever shows it masks
        what is personal.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.decision.read_decision`.
    NotComputable
        If the artefact is an ONNX model, and the extra that runs these is not installed.
    """
    decision = read_decision(workspace, model_id, prediction_id, actor=actor)
    found = explained(workspace, decision, by=actor.audit_name)
    attention.note_shown(workspace, model_id, [prediction_id], "explanation", by=actor)
    return found


def explained(workspace: Workspace, decision: Decision, *, by: str) -> ExplanationRecord:
    """Return the record of a decision, for a caller who was allowed to read it."""
    with workspace.store.read() as conn:
        book = code_books.in_force(conn, decision.contract.id)
    codes = CodeBook(()) if book is None else book_of(book)
    seen = judged(decision)
    record = ExplanationRecord(
        subject=_subject(decision, seen),
        rule=seen.rule,
        source=NONE,
        why="",
        code_book=None if book is None else book.number,
        made_at=workspace.clock(),
        made_by=by,
        salt=secrets.token_hex(16),
    )
    explainer = explainer_of(workspace, decision)
    if isinstance(explainer, Explainer):
        return _by_model(record, decision, explainer, seen, codes)
    return _by_log(record, decision, seen, codes, explainer)


def _subject(decision: Decision, seen: Judged) -> Subject:
    names = score_columns(decision.contract)
    return Subject(
        model_id=decision.contract.id,
        prediction_id=decision.prediction_id,
        subject_id=decision.subject_id,
        jurisdiction=decision.jurisdiction,
        version=decision.version,
        predicted_at=decision.predicted_at,
        decision=decision.decided,
        score=decision.number(names[seen.place]) if names else None,
        amount=decision.number("amount"),
    )


def _by_model(
    record: ExplanationRecord,
    decision: Decision,
    explainer: Explainer,
    seen: Judged,
    codes: CodeBook,
) -> ExplanationRecord:
    """Return what the registered model says, if it gives the score that the log has."""
    noted = replace(record, artefact=explainer.artefact)
    if record.subject.score is None:
        return replace(noted, why=REASONS[NoScore.score_missing])
    frame = input_frame(decision.contract, explainer.loaded.inputs, [decision.row])
    again = float(recomputed(explainer.loaded, decision.contract, frame)[0, seen.place])
    if math.isnan(again):
        return replace(noted, why=REASONS[NoScore.scoring_failed])
    rescored = _rescored(record.subject.score, again)
    noted = replace(noted, rescored=rescored)
    if not rescored.agrees:
        return replace(noted, why=DIFFERS)
    found, redrawn = _attributed(decision, explainer, seen, frame)
    parts = _parts(decision, explainer, found)
    towards = seen.towards or (1 if found.values[0].sum() >= 0 else -1)
    steady = stability(found.values[0], redrawn, towards=towards, top=MOST_REASONS)
    return replace(
        noted,
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
        reasons=_reasons(parts, towards, codes),
        standing=_standing(explainer.scores[:, seen.place], again),
        others=other_results(decision, explainer, seen),
    )


def _rescored(logged: float, again: float) -> Rescored:
    decimals = logged_decimals([logged])
    tolerance = DEFAULT_TOLERANCE + (0.0 if decimals is None else 0.5 * 10.0**-decimals)
    return Rescored(logged, again, tolerance, abs(again - logged) <= tolerance)


def _attributed(
    decision: Decision, explainer: Explainer, seen: Judged, frame: "pd.DataFrame"
) -> tuple[Attribution, Floats]:
    """Return what the fields add beside the background, and beside each redraw of it."""
    first, *others = attribute_each(
        explainer.loaded.pipeline,
        frame,
        explainer.pool,
        explainer.members,
        place=class_place(explainer.loaded.pipeline, decision.contract, seen.place),
        seed=decision.contract.explanation.seed,
    )
    redrawn = [each.values[0] for each in others]
    return first, np.array(redrawn).reshape(len(redrawn), len(first.fields))


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


def _reasons(parts: Sequence[Part], towards: int, codes: CodeBook) -> tuple[Reason, ...]:
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


def _by_log(
    record: ExplanationRecord, decision: Decision, seen: Judged, codes: CodeBook, why: str
) -> ExplanationRecord:
    """Return what the log says that the fields added; without it there is no explanation."""
    parts = tuple(_logged_parts(decision))
    if not parts:
        return replace(record, why=why)
    towards = seen.towards or (1 if sum(each.added for each in parts) >= 0 else -1)
    return replace(
        record,
        source=LOGGED,
        attributions=Attributions(LOGGED, LOGGED, None, None, parts),
        reasons=_reasons(parts, towards, codes),
    )


def _logged_parts(decision: Decision) -> Iterator[Part]:
    declared = {
        found[1]: each.name
        for each in decision.contract.columns
        if (found := ATTRIBUTION.fullmatch(each.name))
    }
    for feature in decision.contract.features:
        name = declared.get(feature.name)
        added = None if name is None else decision.number(decision.contract.alias(name))
        if added is not None:
            yield Part(feature.name, decision.cell(feature.name), None, added)
