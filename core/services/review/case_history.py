"""What else was decided about the person, and what was said of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.lake.decisions.of_subject import SubjectDecision, subject_decisions
from core.services.personal.names import MASK
from core.services.review.blind import is_kept_blind
from core.services.review.case_source import CaseSource
from core.store.identity import users
from core.store.review import blind, case_links, texts
from core.store.rights import disputes

LISTED = 6
_APPEALS = frozenset({"appeal", "request"})


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision of the same model about the same person.

    ``disputed`` says whether the person's note on it is in force.
    """

    prediction: str
    at: datetime
    version: str
    decision: str
    amount: float | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case about the same person, in the reader's scope."""

    id: int
    model_id: str
    kind: str
    state: str
    decision: str
    verdict: str | None
    final_decision: str | None
    at: datetime
    disputed: bool


@dataclass(frozen=True, slots=True)
class History:
    """The person's decisions and cases, the newest first.

    ``total`` counts the decisions of this model; ``named`` says whether its log names people.
    """

    named: bool
    total: int
    decisions: tuple[PastDecision, ...]
    cases: tuple[RelatedCase, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Words about the case: a comment, evidence, a verdict's text, or the person's own note.

    Parameters
    ----------
    kind : str
        ``dispute`` for the person's note, or a kind of review text.
    author : str
        Name of who wrote it; empty for the person.
    at : datetime
        When.
    text : str
        The words.
    """

    kind: str
    author: str
    at: datetime
    text: str


def history(source: CaseSource, case_id: int, subject_id: str, kind: str) -> History:
    """Return what else was decided about the person.

    Other cases of the very same prediction are told of only where the case is about them: an
    appeal, or a request. Elsewhere a second reviewer would learn what the first one said.
    """
    subject = None if source.row is None else source.row.get("subject")
    total, rows = 0, tuple[SubjectDecision, ...]()
    if source.contract.log.subject and subject:
        total, rows = subject_decisions(
            source.workspace.duck,
            source.paths("predictions"),
            str(subject),
            row_filter=source.row_filter,
            limit=LISTED + 1,
        )
    with source.workspace.store.read() as conn:
        linked = case_links.of_subject(conn, subject_id, limit=4 * LISTED)
        masked = is_kept_blind(source.actor)
        hidden = blind.of_subject(conn, subject_id) if masked else frozenset()
        others = [each for each in rows if each.prediction_id != source.prediction_id][:LISTED]
        named = [(source.contract.id, each.prediction_id) for each in others]
        named += [(each.model_id, each.prediction_id) for each in linked]
        disputed = _disputed(conn, named)
    actor = source.actor
    cases = [
        RelatedCase(
            each.id,
            each.model_id,
            each.kind,
            each.state,
            each.decision,
            each.verdict,
            each.final_decision,
            each.final_at or each.created_at,
            (each.model_id, each.prediction_id) in disputed,
        )
        for each in linked
        if each.id != case_id
        and actor.sees_model(each.model_id)
        and actor.sees_jurisdiction(each.jurisdiction)
        and (each.model_id, each.prediction_id) not in hidden
        and (each.prediction_id != source.prediction_id or kind in _APPEALS)
    ]
    hidden_id = source.contract.is_personal("@prediction_id")
    hidden_amount = source.contract.is_personal("@amount")
    decisions = tuple(
        PastDecision(
            f"{MASK} {place}" if hidden_id else each.prediction_id,
            each.at,
            each.version,
            each.decision,
            None if hidden_amount else each.amount,
            (source.contract.id, each.prediction_id) in disputed,
        )
        for place, each in enumerate(others, start=1)
    )
    return History(bool(source.contract.log.subject), total, decisions, tuple(cases[:LISTED]))


def _disputed(conn: Connection, named: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of some predictions, each with its model, have a note in force."""
    return {
        (model, prediction)
        for model in {model for model, _ in named}
        for prediction in disputes.disputed(conn, model, [p for m, p in named if m == model])
    }


def said(source: CaseSource, case_id: int) -> tuple[Said, ...]:
    """Return the notes on a case and what the person disputes, the person's own first."""
    with source.workspace.store.read() as conn:
        notes = disputes.notes_for(conn, source.contract.id, source.prediction_id)
        found = texts.of_case(conn, case_id)
        names = users.names_by_id(conn, {each.author_id for each in found})
    own = [Said("dispute", "", each.made_at, each.text) for each in notes]
    words = [
        Said(each.kind, names.get(each.author_id, ""), each.written_at, each.text)
        for each in found
        if each.kind != "own_view"
    ]
    return (*own, *words)
