"""What happened to one decision, in the order of time: from the prediction to what became of it.

Each reader is told what the other pages tell the same reader: cases in the reader's scope, requests
of who may see them. While a blind case of the decision waits, who works on cases is not told what
others did about it, nor what became of it; nor that something is left out, which would tell of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.lake.labels.one_outcome import known_outcome
from core.services import access
from core.services.explanation.decision import Decision
from core.services.explanation.dossier_trail import GIVEN
from core.services.personal.names import MASK
from core.services.review.blind import kept_back, shown_entries
from core.services.review.cases import CaseFilter, Step, case_steps, list_cases
from core.services.review.changing import WORKER
from core.services.rights.common import in_scope, request_reference
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records as explanations
from core.store.explanations.letters import LetterRecord
from core.store.identity import users
from core.store.rights import disputes, requests

PREDICTED, EFFECT, OUTCOME = "predicted", "took_effect", "outcome"
EXPLAINED, LETTER, DOSSIER = "explained", "letter", "dossier"
CASE, REQUESTED, CLOSED, DISPUTED = "case", "request", "request_closed", "disputed"
FROM_TRAIL = (
    "prediction.released",
    "prediction.stopped",
    "release.answered",
    "letter.refused",
    "personal.revealed",
)
"""Entries of the audit trail that are events of a decision, by their kind."""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Parameters
    ----------
    at : datetime
        When.
    kind : str
        One of the names of this module.
    who : str
        Name of who did it; empty for the product, a model or the world.
    about : mapping
        What the words of that kind name.
    """

    at: datetime
    kind: str
    who: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, the oldest first.

    Parameters
    ----------
    events : tuple of Event
        All that the reader is told.
    with_cases, with_requests : bool
        Whether the reader may be told of cases, and of customers' requests.
    """

    events: tuple[Event, ...]
    with_cases: bool
    with_requests: bool


def timeline_of(workspace: Workspace, decision: Decision, *, actor: Actor) -> Timeline:
    """Return what happened to a decision that the actor was allowed to read.

    Parameters
    ----------
    workspace : Workspace
        Where.
    decision : Decision
        From :func:`core.services.explanation.decision.read_decision`, for the same actor.
    actor : Actor
        Needs ``explanation.view``; ``review.view`` to be told of cases, ``rights.view`` of
        requests, ``audit.view`` of who got a dossier and of looks at personal values.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.explanation_view, model=decision.contract.id)
    with_cases = allows(actor, Permission.review_view)
    with_requests = allows(actor, Permission.rights_view) and actor.jurisdictions is None
    blind = bool(kept_back(workspace, decision.contract.id, actor, among=[decision.prediction_id]))
    found = [*_logged(decision)]
    if with_cases:
        found += _cases(workspace, decision, actor)
    with workspace.store.read() as conn:
        found += _kept(conn, decision)
        found += [
            _letter(each) for each in letters_shown(conn, decision, actor.audit_name, blind=blind)
        ]
        found += _from_trail(conn, decision, actor)
        found += _disputes(conn, decision)
        if with_requests and not blind:
            found += _requests(conn, decision, actor)
        found = _named(conn, found)
    if not blind:
        found += _outcome(workspace, decision)
    ordered = sorted(found, key=lambda each: each.at)
    return Timeline(tuple(ordered), with_cases, with_requests)


def _logged(decision: Decision) -> Iterator[Event]:
    """Yield what the log of predictions says."""
    about = {"version": decision.version, "decision": decision.decided}
    yield Event(decision.predicted_at, PREDICTED, about=about)
    effect = decision.row.get("released_at")
    if isinstance(effect, datetime):
        yield Event(effect, EFFECT)


def _cases(workspace: Workspace, decision: Decision, actor: Actor) -> Iterator[Event]:
    """Yield the steps of the cases that the actor may read."""
    wanted = CaseFilter(
        models=[decision.contract.id], text_id=decision.prediction_id, order="newest", size=50
    )
    for case in list_cases(workspace, wanted, actor=actor).cases:
        if case.prediction_id != decision.prediction_id:  # an id that reads like a reference
            continue
        for step in case_steps(workspace, case.id, actor=actor):
            yield _of_step(step, case.reference, case.id)


def _of_step(step: Step, reference: str, case_id: int) -> Event:
    about = {
        "action": step.action,
        "case": reference,
        "case_id": str(case_id),
        "verdict": step.verdict or "",
        "reason": step.reason_code or "",
    }
    own = step.actor_id == WORKER.user_id
    return Event(step.at, CASE, "" if own else step.actor_name, about)


def letters_shown(
    conn: Connection, decision: Decision, reader: str, *, blind: bool
) -> tuple[LetterRecord, ...]:
    """Return the letters about a decision that a reader, by pseudonym, is told of.

    While a blind case of it waits (``blind``), who works on cases is told of own ones alone: that
    somebody was written to tells that it was decided before. The newest come first.
    """
    found = explanation_letters.of_prediction(conn, decision.contract.id, decision.prediction_id)
    return tuple(each for each in found if not blind or each.made_by == reader)


def _kept(conn: Connection, decision: Decision) -> Iterator[Event]:
    """Yield what was kept of the decision."""
    model_id, prediction_id = decision.contract.id, decision.prediction_id
    for kept in explanations.of_prediction(conn, model_id, prediction_id):
        about = {"number": str(kept.number), "source": kept.source}
        yield Event(kept.made_at, EXPLAINED, kept.made_by, about)


def _letter(letter: LetterRecord) -> Event:
    about = {
        "letter": letter.reference,
        "language": letter.language,
        "withheld": "yes" if letter.withheld else "",
    }
    return Event(letter.made_at, LETTER, letter.made_by, about)


def _from_trail(conn: Connection, decision: Decision, actor: Actor) -> Iterator[Event]:
    """Yield what only the audit trail tells, as far as this reader is told of it there."""
    model_id, prediction_id = decision.contract.id, decision.prediction_id
    shown, sees_trail = shown_entries(actor), allows(actor, Permission.audit_view)
    about = {"model": model_id, "prediction": prediction_id}
    for entry in audit.list_newest(conn, objects=about, limit=_MOST, shown=shown):
        if entry.kind in FROM_TRAIL and (sees_trail or entry.kind != "personal.revealed"):
            yield _of_entry(entry)
    # Of a decision whose id is personal a dossier's entry names the record alone.
    for kept in explanations.of_prediction(conn, model_id, prediction_id):
        about = {"model": model_id, "explanation": kept.id}
        for entry in audit.list_newest(conn, kind=GIVEN, objects=about, limit=_MOST, shown=shown):
            to = str(entry.body["to"]) if sees_trail else ""
            yield Event(entry.at, DOSSIER, entry.actor, {"to": to})


def _of_entry(entry: AuditEntry) -> Event:
    if entry.kind == "release.answered":
        return Event(entry.at, entry.kind, about={"state": str(entry.body["state"])})
    failed = entry.body.get("failed")
    checks = ",".join(failed) if isinstance(failed, Mapping) else ""
    return Event(entry.at, entry.kind, entry.actor, {"checks": checks})


def _disputes(conn: Connection, decision: Decision) -> Iterator[Event]:
    for each in disputes.notes_for(conn, decision.contract.id, decision.prediction_id):
        yield Event(
            each.made_at, DISPUTED, each.made_by, {"request": request_reference(each.request_id)}
        )


def _requests(conn: Connection, decision: Decision, actor: Actor) -> Iterator[Event]:
    """Yield the customer's requests that name this decision."""
    here = (decision.contract.id, decision.prediction_id)
    for each in requests.list_requests(conn, subject_id=decision.subject_id, limit=_MOST):
        if (each.model_id, each.prediction_id) != here or not in_scope(each.model_id, actor):
            continue
        about = {"request": request_reference(each.id), "kind": each.kind}
        yield Event(each.received_at, REQUESTED, about=about)
        if each.closed_at is not None:
            closed = about | {"outcome": each.outcome or ""}
            yield Event(each.closed_at, CLOSED, each.closed_by or "", closed)


def _named(conn: Connection, found: list[Event]) -> list[Event]:
    """Return events with the names of people in the place of ids and pseudonyms."""
    people = {each.who for each in found if each.who}
    names = users.names_by_id(conn, people) | users.names_by_pseudonym(conn, people)
    return [Event(each.at, each.kind, names.get(each.who, each.who), each.about) for each in found]


def _outcome(workspace: Workspace, decision: Decision) -> Iterator[Event]:
    """Yield what became known later; masked where the contract calls the label personal."""
    contract = decision.contract
    with workspace.store.read() as conn:
        record = models.get(conn, contract.id)
        files = manifest.files_at(
            conn, contract.id, record.lake_generation, kinds=["data"], streams=["resolved"]
        )
    found = known_outcome(
        workspace.duck, workspace.lake_paths(files), decision.prediction_id, as_of=workspace.clock()
    )
    label = None if contract.outcome is None else contract.outcome.label
    if found is None or label is None:
        return
    is_binary = contract.task == "binary_classification"
    text = ("yes" if found.label else "no") if is_binary else found.text or f"{found.label:g}"
    masked = contract.is_personal(label.name)
    yield Event(found.at, OUTCOME, about={"outcome": MASK if masked else text})
