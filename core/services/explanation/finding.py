"""Finding why a decision was made: from the model itself, else from the log, else not at all."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.domain.explanation import CodeBook
from core.domain.explanation.record import (
    LOGGED,
    NONE,
    Attributions,
    ExplanationRecord,
    Part,
    Subject,
)
from core.domain.identity import Actor
from core.services.explanation.by_model import Begun, explained_by_model, reasons_of
from core.services.explanation.code_books import book_of
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.explainer import Explainer, explainer_of
from core.services.explanation.policy import Judged, judged
from core.services.explanation.score_findings import note_scores
from core.services.reproduce.models import score_columns
from core.services.review.reason_columns import ATTRIBUTION
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store.explanations import code_books
from core.store.explanations.code_books import CodeBookRecord


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
    book = book_in_force(workspace, decision.contract.id)
    (record,) = explained_each(workspace, [decision], book, by=by)
    return record


def explained_each(
    workspace: Workspace,
    decisions: Sequence[Decision],
    book: CodeBookRecord | None,
    *,
    by: str,
) -> tuple[ExplanationRecord, ...]:
    """Return the records of decisions of one model, in their order.

    Each is what it would be by itself; those of one version are asked of its model together. That
    a model gives another score than the log is put on record.

    Parameters
    ----------
    workspace : Workspace
        Where.
    decisions : sequence of Decision
        Of one model, that the caller was allowed to read.
    book : CodeBookRecord, optional
        The code book in force.
    by : str
        Who asked (pseudonym).
    """
    codes = CodeBook(()) if book is None else book_of(book)
    begun = [_begun(workspace, decision, book, by) for decision in decisions]
    places: dict[str, list[int]] = {}
    for place, decision in enumerate(decisions):
        places.setdefault(decision.version, []).append(place)
    found: dict[int, ExplanationRecord] = {}
    for of_version in places.values():
        asked = [begun[place] for place in of_version]
        explainer = explainer_of(workspace, asked[0].decision)
        if isinstance(explainer, Explainer):
            records = explained_by_model(asked, explainer, codes)
        else:
            records = [_by_log(each, codes, explainer) for each in asked]
        found.update(zip(of_version, records, strict=True))
    told = tuple(found[place] for place in range(len(decisions)))
    note_scores(workspace, told)
    return told


def book_in_force(workspace: Workspace, model_id: str) -> CodeBookRecord | None:
    """Return the code book that reasons of a model are told by, if it has one."""
    with workspace.store.read() as conn:
        return code_books.in_force(conn, model_id)


def _begun(workspace: Workspace, decision: Decision, book: CodeBookRecord | None, by: str) -> Begun:
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
    return Begun(decision, seen, record)


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


def _by_log(begun: Begun, codes: CodeBook, why: str) -> ExplanationRecord:
    """Return what the log says that the fields added; without it there is no explanation."""
    parts = tuple(_logged_parts(begun.decision))
    if not parts:
        return replace(begun.record, why=why)
    towards = begun.seen.towards or (1 if sum(each.added for each in parts) >= 0 else -1)
    return replace(
        begun.record,
        source=LOGGED,
        attributions=Attributions(LOGGED, LOGGED, None, None, parts),
        reasons=reasons_of(parts, towards, codes),
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
