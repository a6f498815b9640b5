"""Keeping many explanations at once: one transaction and one entry of the trail for all."""

from collections.abc import Sequence
from hashlib import sha256

from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.explanation.keeping import sealed_record
from core.services.explanation.openings import commitment
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptExplanation
from core.store.retention import tombstones

KIND = "explanation.kept_many"


def keep_many(
    workspace: Workspace,
    model_id: str,
    records: Sequence[ExplanationRecord],
    *,
    buried: int,
    actor: Actor,
) -> tuple[KeptExplanation, ...]:
    """Keep the records of decisions of one model, and return them as they are kept.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    records : sequence of ExplanationRecord
        At least one, of decisions that the actor was allowed to read.
    buried : int
        :func:`core.store.retention.tombstones.marker` from before the decisions were read.
    actor : Actor
        Needs ``explanation.make``.

    Raises
    ------
    Conflict
        If somebody was erased meanwhile; nothing of these is kept.
    """
    access.require(actor, Permission.explanation_make, model=model_id)
    with workspace.store.begin() as conn:
        if tombstones.marker(conn, model_id) != buried:
            raise Conflict(
                N_("Somebody was erased while this was explained."),
                remedy=N_("Explain it again."),
            )
        kept = []
        for record in records:
            number = explanations.next_number(conn, model_id, record.subject.prediction_id)
            kept.append(sealed_record(workspace, number, record))
            explanations.put(conn, kept[-1])
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=KIND,
            objects={"model": model_id},
            body=_told(kept) | {"fields": [commitment(each.document()) for each in records]},
        )
    return tuple(kept)


def _told(kept: Sequence[KeptExplanation]) -> dict[str, object]:
    """Return what the trail says: each record's hash, so that one alone can be held against it."""
    hashes = [each.sha256 for each in kept]
    return {
        "count": len(kept),
        "first": kept[0].id,
        "last": kept[-1].id,
        "hashes": hashes,
        "sha256": sha256(canonical_bytes(hashes)).hexdigest(),
    }
