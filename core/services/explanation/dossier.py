"""The dossier of one decision: all that is on record of it, for whoever checks it without us.

It is made from a kept record. The audit trail tells of it twice: ``dossier.made`` binds the hash of
its manifest, and stands in the dossier itself; ``dossier.given`` has the hash of the file, and to
whom it went.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from core.domain.explanation import CodeBook
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_, Translator
from core.reports.dossier import packed
from core.services import access
from core.services.explanation.checks import Check
from core.services.explanation.code_books import book_of
from core.services.explanation.decision import Decision, read_decision
from core.services.explanation.dossier_checks import DossierRefused, dossier_checks, failed_of
from core.services.explanation.dossier_files import FORMAT, VERSION, dossier_files, manifest_of
from core.services.explanation.dossier_model import book_of_record, model_facts
from core.services.explanation.dossier_origins import inputs, lineage
from core.services.explanation.dossier_people import (
    keeping,
    refuse_while_reviewed,
    release,
    review,
    rights,
)
from core.services.explanation.dossier_record import record_opening
from core.services.explanation.dossier_source import People, Source
from core.services.explanation.dossier_state import figures_of_the_period, model_state
from core.services.explanation.dossier_trail import GIVEN, REFUSED, bound, proof_of, tell
from core.services.explanation.keeping import keep_explanation, read_kept
from core.services.explanation.letter_words import REMEDIES
from core.services.retention import holds
from core.services.rights import attention
from core.services.serving.state import checked_reason
from core.services.workspace import Workspace
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptExplanation

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Parameters
    ----------
    to, reason : str
        Who gets it, and why; neither names the person.
    number : int, optional
        Which record of the decision; the newest by default.
    values : bool
        Whether personal values are in.
    despite : bool
        Whether it is made although a check failed; it says which.
    """

    to: str
    reason: str
    number: int | None = None
    values: bool = False
    despite: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as it was given.

    Parameters
    ----------
    content : bytes
        The ZIP file.
    sha256 : str
        Its hash, as the trail has it.
    name : str
        A name for the file, which tells no personal id.
    kept : KeptExplanation
        The record that it was made from.
    checks : tuple of Check
        What was checked.
    """

    content: bytes
    sha256: str
    name: str
    kept: KeptExplanation
    checks: tuple[Check, ...]


def make_dossier(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    order: Order,
    *,
    t: Translator,
    actor: Actor,
) -> Dossier:
    """Make the dossier of a decision from its kept record; where it has none, one is kept first.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    order : Order
        For whom, why, and with what.
    t : Translator
        The language of what is to be read.
    actor : Actor
        Needs ``dossier.make``; for personal values ``personal.export`` and a step-up besides.

    Raises
    ------
    Forbidden, NotFound, StepUpNeeded
        If the actor may not, there is no such decision or record in the actor's scope, or the actor
        has to say again who they are.
    Conflict
        If a case of it waits that the actor is to judge blindly, or the record is of another
        decision than the log's.
    DossierRefused
        If an acceptance check failed, and the order does not say to make it in spite of that.
    InvalidInput
        If nobody is named who gets it, or no reason, or either names the person.
    """
    access.require(actor, Permission.dossier_make, model=model_id)
    if order.values:
        access.require(actor, Permission.personal_export, model=model_id)
        access.require_recent(workspace, actor)
    decision = read_decision(workspace, model_id, prediction_id, actor=actor)
    _check(order, decision)
    with workspace.store.read() as conn:
        refuse_while_reviewed(conn, model_id, prediction_id, actor)
    kept = _kept(workspace, decision, order.number, actor)
    entry, fields = bound(workspace, kept)
    document = read_kept(workspace, kept)
    source = _source(workspace, decision, kept, document, order, actor)
    checks = dossier_checks(workspace, decision, kept, document, by=actor.audit_name)
    failed = failed_of(checks)
    if failed and not order.despite:
        _note_refused(source, checks)
        raise DossierRefused(
            N_("The dossier is not released; checks that failed: {failed}."),
            remedy=REMEDIES[failed[0]],
            checks=checks,
            failed=", ".join(failed),
        )
    files = _files(t, source, order, checks)
    files["manifest.json"] = manifest_of(files)
    about = {
        "number": kept.number,
        "to": order.to.strip(),
        "reason": order.reason.strip(),
        "values": order.values,
        "record": kept.sha256,
        "fields": fields,
        "kept": entry.sequence,
        "manifest": sha256(files["manifest.json"]).hexdigest(),
    }
    files["proof.json"] = proof_of(source, entry, about)
    made = _given(source, order, packed(files), checks)
    attention.note_shown(workspace, model_id, [prediction_id], "dossier", by=actor)
    return made


def _check(order: Order, decision: Decision) -> None:
    checked_reason(order.reason)
    if not 1 <= len(order.to.strip()) <= _LONGEST_NAME:
        raise InvalidInput(
            N_("Say who gets the dossier, in 1 to {most} characters."),
            remedy=N_("Name the office or the firm, such as an examiner's."),
            most=_LONGEST_NAME,
        )
    row = decision.row
    for named in (str(row.get("subject") or ""), decision.prediction_id):
        holds.check_reason(f"{order.reason} {order.to}", named)


def _kept(
    workspace: Workspace, decision: Decision, number: int | None, actor: Actor
) -> KeptExplanation:
    model_id, prediction_id = decision.contract.id, decision.prediction_id
    with workspace.store.read() as conn:
        found = explanations.of_prediction(conn, model_id, prediction_id)
    if not found and number is None:
        return keep_explanation(workspace, model_id, prediction_id, actor=actor)[0]
    kept = next((each for each in found if number in {None, each.number}), None)
    if kept is None:
        raise NotFound(
            N_("The decision has no record {number}."),
            remedy=N_("Records are numbered from 1; keep one with 'harbourlight explain --keep'."),
            number=number,
        )
    if (kept.predicted_at, kept.version) != (decision.predicted_at, decision.version):
        raise Conflict(
            N_("The record is of another decision than the one that the log has of this id."),
            remedy=N_("Keep a new record of it."),
        )
    return kept


def _source(
    workspace: Workspace,
    decision: Decision,
    kept: KeptExplanation,
    document: Mapping[str, Any],
    order: Order,
    actor: Actor,
) -> Source:
    opening = record_opening(decision.contract, document, values=order.values)
    with workspace.store.read() as conn:
        people = People(workspace, conn)
    shown = opening.document
    if not isinstance(shown, Mapping):
        raise TypeError("a record that is no object")
    return Source(workspace, actor, decision, kept, shown, opening, order.values, people)


def _note_refused(source: Source, checks: tuple[Check, ...]) -> None:
    with source.workspace.store.begin() as conn:
        failed = {each.name: each.found for each in checks if not each.passed}
        tell(source, REFUSED, {"failed": failed}, conn)


def _files(
    t: Translator, source: Source, order: Order, checks: tuple[Check, ...]
) -> dict[str, bytes]:
    released = release(source)
    with source.workspace.store.read() as conn:
        facts = _facts(conn, t, source, order) | {
            "release": released,
            "checks": [each.document() for each in checks],
        }
        facts["unknown"] = dict(source.unknown)
        approved = book_of_record(conn, source)
    book = CodeBook(()) if approved is None else book_of(approved)
    return dossier_files(t, source, book, facts)


def _facts(conn: Connection, t: Translator, source: Source, order: Order) -> dict[str, object]:
    document, actor = source.document, source.actor
    named = ("attributions", "background", "steadiness", "reasons", "standing", "others")
    return {
        "format": FORMAT,
        "version_of_format": VERSION,
        "made": {
            "at": source.workspace.clock(),
            "by": source.people(actor.audit_name),
            "to": order.to.strip(),
            "reason": order.reason.strip(),
            "language": t.locale,
            "values": order.values,
        },
        "record": {
            "id": source.kept.id,
            "number": source.kept.number,
            "sha256": source.kept.sha256,
            "source": document["source"],
            "why": document["why"],
            "made_at": document["made_at"],
            "made_by": source.people(document["made_by"]),
        },
        "decision": _decision(source),
        **model_facts(conn, source),
        "explanation": {name: document[name] for name in named},
        "rescored": document["rescored"],
        "environment": document["artefact"] and document["artefact"]["environment"],
        "state": model_state(conn, source),
        "inputs": inputs(source, figures_of_the_period(conn, source)),
        "review": review(conn, source),
        "rights": rights(conn, source),
        "lineage": lineage(conn, source),
        "keeping": keeping(conn, source),
    }


def _decision(source: Source) -> dict[str, object]:
    about, decision = source.document["subject"], source.decision
    reference = f"{source.model_id}/{decision.prediction_id}"
    return {
        "prediction": about["prediction_id"],
        "pseudonym": source.workspace.keys.mac("dossier prediction", reference),
        "subject": source.kept.subject_id,
        "predicted_at": decision.predicted_at,
        "decision": decision.decided,
        "score": about["score"],
        "amount": about["amount"],
        "rule": source.document["rule"],
    }


def _given(source: Source, order: Order, content: bytes, checks: tuple[Check, ...]) -> Dossier:
    digest = sha256(content).hexdigest()
    body = {
        "sha256": digest,
        "bytes": len(content),
        "to": order.to.strip(),
        "failed": failed_of(checks),
    }
    with source.workspace.store.begin() as conn:
        tell(source, GIVEN, body, conn)
    name = f"dossier-{source.model_id}-{source.kept.id}.zip"
    return Dossier(content, digest, name, source.kept, checks)
