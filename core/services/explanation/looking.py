"""All that the page of a decision shows, in one call; a part that cannot be shown says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from core.contract import ModelContract
from core.domain.explanation import CodeBook
from core.domain.explanation.record import MODEL, ExplanationRecord
from core.domain.identity import Actor, Permission
from core.services import access
from core.services.explanation.code_books import book_of
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.explainer import Explainer, explainer_of
from core.services.explanation.finding import explained
from core.services.explanation.telling import shown
from core.services.explanation.timeline import Timeline, letters_shown, timeline_of
from core.services.explanation.what_if import Choice, choices_of
from core.services.review.blind import kept_back
from core.services.review.case_similar import Similar, similar_cases
from core.services.review.case_source import Part, read_source
from core.services.review.case_values import ValuesBeside, values_beside
from core.services.review.case_view import part
from core.services.rights import attention
from core.services.rights.disputes import Note, notes_for
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store.explanations import code_books
from core.store.explanations import records as explanations
from core.store.explanations.code_books import CodeBookRecord
from core.store.explanations.letters import LetterRecord
from core.store.explanations.records import KeptExplanation
from core.store.identity import users


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision, why it was made, and what there is beside it; personal values are masked.

    Parameters
    ----------
    contract : ModelContract
        Of the model, as it stands now.
    record : ExplanationRecord
        Without personal values.
    is_score_masked : bool
        Whether the contract calls the score personal: then what adds up to it is not shown.
    level : str, optional
        Oversight level of the version.
    book : CodeBook
        The one in force; an empty one if there is none.
    choices : tuple of Choice
        What can be tried with other values.
    values, similar : Part
        The values beside those of others, and similar past cases.
    notes : tuple of Note
        What the person disputes.
    kept : tuple of KeptExplanation
        What was kept of it, the newest first.
    letters : tuple of LetterRecord
        Letters about it that were released, the newest first; who works on cases is told of own
        ones alone while a blind case of it waits.
    names : mapping of str to str
        Pseudonym → name of who kept and released them.
    timeline : Part
        What happened to it.
    """

    contract: ModelContract
    record: ExplanationRecord
    is_score_masked: bool
    level: str | None
    book: CodeBook
    choices: tuple[Choice, ...]
    values: Part[ValuesBeside]
    similar: Part[Similar]
    notes: tuple[Note, ...]
    kept: tuple[KeptExplanation, ...]
    letters: tuple[LetterRecord, ...]
    names: Mapping[str, str]
    timeline: Part[Timeline]


@retry_when_stale
def look_at(
    workspace: Workspace, model_id: str, prediction_id: str, *, actor: Actor
) -> DecisionView:
    """Return all that the page of a decision shows.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    actor : Actor
        Needs ``explanation.view``.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.decision.read_decision`.
    NotComputable
        If the artefact is an ONNX model, and the extra that runs these is not installed.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    decision = read_decision(workspace, model_id, prediction_id, actor=actor)
    contract = decision.contract
    source = read_source(
        workspace,
        model_id,
        prediction_id,
        actor=actor,
        version=decision.version,
        decision=decision.decided,
        predicted_at=decision.predicted_at,
        permission=Permission.explanation_view,
    )
    blind = bool(kept_back(workspace, model_id, actor, among=[prediction_id]))
    with workspace.store.read() as conn:
        in_force = code_books.in_force(conn, model_id)
        kept = explanations.of_prediction(conn, model_id, prediction_id)
        letters = letters_shown(conn, decision, actor.audit_name, blind=blind)
        people = {each.made_by for each in kept} | {each.made_by for each in letters}
        names = users.names_by_pseudonym(conn, people)
        notes = notes_for(conn, model_id, prediction_id)
    record = _record(workspace, decision, in_force)
    attention.note_shown(workspace, model_id, [prediction_id], "explanation", by=actor)
    return DecisionView(
        contract=contract,
        record=record,
        is_score_masked=contract.is_personal("@score"),
        level=next(
            (each.oversight_level for each in contract.versions if each.id == decision.version),
            None,
        ),
        book=CodeBook(()) if in_force is None else book_of(in_force),
        choices=_choices(workspace, decision, record),
        values=part(lambda: values_beside(source)),
        similar=part(lambda: similar_cases(source)),
        notes=notes,
        kept=kept,
        letters=letters,
        names=names,
        timeline=part(lambda: timeline_of(workspace, decision, actor=actor)),
    )


def _record(
    workspace: Workspace, decision: Decision, book: CodeBookRecord | None
) -> ExplanationRecord:
    """Return the masked record; found once for as long as all that it depends on stays as it is."""
    key = (
        "decision shown",
        decision.contract.id,
        decision.spec_sha256,
        tuple(each.sha256 for each in decision.files),
        None if book is None else book.number,
        sha256(repr(sorted(decision.row.items())).encode()).hexdigest(),
    )
    return workspace.memo.get(
        key, lambda: shown(decision.contract, explained(workspace, decision, by=""))
    )


def _choices(
    workspace: Workspace, decision: Decision, record: ExplanationRecord
) -> tuple[Choice, ...]:
    """Return what can be tried: nothing where the model did not give the logged score."""
    if record.source != MODEL or decision.contract.is_personal("@score"):
        return ()
    explainer = explainer_of(workspace, decision)
    return choices_of(decision, explainer) if isinstance(explainer, Explainer) else ()
