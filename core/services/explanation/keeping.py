"""Keeping explanations: sealed, hashed, in the trail; and reading them back."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Actor, Permission
from core.errors import Conflict, StorageError
from core.i18n import N_
from core.services import access
from core.services.explanation.decision import read_decision
from core.services.explanation.finding import explained
from core.services.explanation.openings import commitment
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptExplanation
from core.store.retention import tombstones

_SEAL = "explanation"


def keep_explanation(
    workspace: Workspace, model_id: str, prediction_id: str, *, actor: Actor
) -> tuple[KeptExplanation, ExplanationRecord]:
    """Find why a decision was made, and keep the record.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    actor : Actor
        Needs ``explanation.make``.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.decision.read_decision`.
    Conflict
        If the person was erased meanwhile.
    """
    access.require(actor, Permission.explanation_make, model=model_id)
    return keep_for(workspace, model_id, prediction_id, by=actor)


def keep_for(
    workspace: Workspace, model_id: str, prediction_id: str, *, by: Actor
) -> tuple[KeptExplanation, ExplanationRecord]:
    """Do the same, for services that have checked who asks.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    by : Actor
        Who asked; may see the decision.

    Raises
    ------
    Forbidden, NotFound, Conflict
        As :func:`keep_explanation`.
    """
    with workspace.store.read() as conn:
        buried = tombstones.marker(conn, model_id)
    decision = read_decision(workspace, model_id, prediction_id, actor=by)
    record = explained(workspace, decision, by=by.audit_name)
    fields = commitment(record.document())
    with workspace.store.begin() as conn:
        if tombstones.marker(conn, model_id) != buried:
            raise Conflict(
                N_("Somebody was erased while this was explained."),
                remedy=N_("Explain it again."),
            )
        number = explanations.next_number(conn, model_id, prediction_id)
        kept = sealed_record(workspace, number, record)
        explanations.put(conn, kept)
        audit.append(
            conn,
            at=record.made_at,
            actor=by.audit_name,
            role=by.role_text,
            kind="explanation.kept",
            objects=_objects(kept),
            body=_told(kept) | {"fields": fields},
        )
    attention.note_shown(workspace, model_id, [prediction_id], "explanation", by=by)
    return kept, record


def read_kept(workspace: Workspace, kept: KeptExplanation) -> Mapping[str, object]:
    """Return the document of a kept record, for services that have checked who asks.

    Raises
    ------
    StorageError
        If it is not what was kept.
    """
    content = workspace.keys.unseal(_SEAL, kept.sealed)
    if sha256(content).hexdigest() != kept.sha256:
        raise StorageError(
            N_("An explanation is not what was kept."),
            remedy=N_("Restore the state database from a backup."),
        )
    return dict(json.loads(content))


def sealed_record(workspace: Workspace, number: int, record: ExplanationRecord) -> KeptExplanation:
    """Return a record as it is kept, under the workspace's key."""
    content = canonical_bytes(record.document())
    about = record.subject
    return KeptExplanation(
        id=workspace.new_id(),
        model_id=about.model_id,
        prediction_id=about.prediction_id,
        number=number,
        subject_id=about.subject_id,
        jurisdiction=about.jurisdiction,
        version=about.version,
        predicted_at=about.predicted_at,
        decision=about.decision,
        source=record.source,
        why=record.why,
        agrees=None if record.rescored is None else record.rescored.agrees,
        stability=None if record.steadiness is None else record.steadiness.same_reasons,
        codes=_codes(record),
        code_book=record.code_book,
        background_id=None if record.background is None else record.background.id,
        sha256=sha256(content).hexdigest(),
        sealed=workspace.keys.seal(_SEAL, content),
        made_at=record.made_at,
        made_by=record.made_by,
    )


def _codes(record: ExplanationRecord) -> Sequence[str]:
    return [each.code for each in record.reasons]


def _objects(kept: KeptExplanation) -> dict[str, str]:
    return {
        "model": kept.model_id,
        "prediction": kept.prediction_id,
        "jurisdiction": kept.jurisdiction,
        "explanation": kept.id,
    }


def _told(kept: KeptExplanation) -> dict[str, object]:
    """Return what the trail says: nothing of the person's values."""
    return {
        "number": kept.number,
        "sha256": kept.sha256,
        "source": kept.source,
        "agrees": kept.agrees,
        "code_book": kept.code_book,
        "background": kept.background_id,
    }
