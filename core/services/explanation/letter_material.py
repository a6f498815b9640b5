"""What a letter is written from: the kept record, what is found now, and what people decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.explanation import CodeBook
from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.explanation.code_books import book_of
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.explainer import Explainer, explainer_of
from core.services.explanation.finding import explained
from core.services.explanation.keeping import read_kept
from core.services.explanation.letter_page import Circumstances
from core.services.explanation.other_results import scorer
from core.services.explanation.policy import judged
from core.services.explanation.templates import TemplateVersion, template_in_force
from core.services.rights.common import local_day
from core.services.rights.sender import sender
from core.services.routing.declared import level_at
from core.services.workspace import Workspace
from core.store import models
from core.store.explanations import code_books
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptExplanation
from core.store.retention import tombstones
from core.store.review import cases as review_cases
from core.store.review.feeding import FED_KINDS
from core.store.rights import cases

_RECORD = TypeAdapter(ExplanationRecord)


@dataclass(frozen=True, slots=True)
class Material:
    """What a letter is written from, and what it is checked against.

    Parameters
    ----------
    decision : Decision
        As the log has it now.
    kept, record : KeptExplanation, ExplanationRecord
        What was kept of it.
    again : ExplanationRecord
        What is found now.
    scores : tuple of float
        What the model gives now for each of the record's other results.
    book : CodeBook
        That the record's codes are of.
    template : TemplateVersion
        The fixed words.
    around : Circumstances
        The rest.
    buried : int
        Count of erasures before anything was read.
    """

    decision: Decision = field(repr=False)
    kept: KeptExplanation
    record: ExplanationRecord = field(repr=False)
    again: ExplanationRecord = field(repr=False)
    scores: tuple[float, ...]
    book: CodeBook
    template: TemplateVersion
    around: Circumstances
    buried: int

    @property
    def contract(self) -> ModelContract:
        """Of the model."""
        return self.decision.contract


def material_of(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    number: int | None,
    *,
    reference: str,
    actor: Actor,
) -> Material:
    """Return what a letter about a decision is written from.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    number : int, optional
        Which of its kept records; the newest by default.
    reference : str
        Of the letter.
    actor : Actor
        Needs ``letter.release``.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.decision.read_decision`.
    Conflict
        If no such record was kept.
    """
    access.require(actor, Permission.letter_release, model=model_id)
    with workspace.store.read() as conn:
        buried = tombstones.marker(conn, model_id)
    decision = read_decision(workspace, model_id, prediction_id, actor=actor)
    lines = sender(workspace, actor=actor)
    with workspace.store.read() as conn:
        kept = _chosen(conn, decision, number)
        book = book_of_kept(conn, kept)
        template = template_in_force(conn)
        around = _around(workspace, conn, decision, reference, lines)
    record = record_of(read_kept(workspace, kept))
    return Material(
        decision=decision,
        kept=kept,
        record=record,
        again=explained(workspace, decision, by=actor.audit_name),
        scores=scores_now(workspace, decision, record),
        book=book,
        template=template,
        around=around,
        buried=buried,
    )


def record_of(document: Mapping[str, object]) -> ExplanationRecord:
    """Return the record of a document that was kept."""
    return _RECORD.validate_python({k: v for k, v in document.items() if k != "format"})


def _chosen(conn: Connection, decision: Decision, number: int | None) -> KeptExplanation:
    found = explanations.of_prediction(conn, decision.contract.id, decision.prediction_id)
    chosen = next((each for each in found if number in {None, each.number}), None)
    if chosen is None:
        raise Conflict(
            N_("No such explanation was kept; a letter is written from a kept one."),
            remedy=N_("Run 'harbourlight explain MODEL ID --keep' first."),
        )
    return chosen


def book_of_kept(conn: Connection, kept: KeptExplanation) -> CodeBook:
    """Return the book that a record's codes are of; an empty one where there was none."""
    if kept.code_book is None:
        return CodeBook(())
    found = code_books.numbered(conn, kept.model_id, kept.code_book)
    return CodeBook(()) if found is None else book_of(found)


def _around(
    workspace: Workspace,
    conn: Connection,
    decision: Decision,
    reference: str,
    lines: tuple[str, ...],
) -> Circumstances:
    model_id, prediction_id = decision.contract.id, decision.prediction_id
    verdict = review_cases.newest_final(conn, model_id, prediction_id, FED_KINDS)
    decided_at = None if verdict is None else verdict.final_at
    revisions = models.spec_revisions(conn, model_id)
    return Circumstances(
        reference=reference,
        today=local_day(workspace.clock()),
        sender=lines,
        people_decided_on=None if decided_at is None else local_day(decided_at),
        final_decision=None if verdict is None else verdict.final_decision,
        oversight_level=level_at(revisions, decision.version, decision.predicted_at),
        is_last=cases.appeal_decided(conn, model_id, prediction_id),
    )


def scores_now(
    workspace: Workspace, decision: Decision, record: ExplanationRecord
) -> tuple[float, ...]:
    """Return what the model that decided gives now for each other result of a record."""
    found = () if record.others is None else record.others.found
    explainer = explainer_of(workspace, decision) if found else None
    if not isinstance(explainer, Explainer):
        return ()
    score = scorer(decision, explainer, judged(decision).place)
    rows = []
    for each in found:
        row = {name: decision.cell(name) for name in explainer.loaded.inputs}
        row |= {change.field: change.after for change in (*each.changes, *each.moved)}
        rows.append(row)
    columns = {
        name: np.array([row[name] for row in rows], dtype=object)
        for name in explainer.loaded.inputs
    }
    return tuple(float(each) for each in score(columns))
