"""What the audit trail tells of a dossier, and what of it goes into the dossier as proof."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from core.domain import merkle
from core.domain.merkle import leaf_hash
from core.errors import Conflict
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services.audit.checkpoints import sign_within
from core.services.audit.keys import keyring_within
from core.services.explanation.dossier_source import Source
from core.services.explanation.keeping_many import KIND as KEPT_MANY
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes
from core.store.audit.trail import AuditEntry
from core.store.explanations.records import KeptExplanation

KEPT, MADE, GIVEN = "explanation.kept", "dossier.made", "dossier.given"
REFUSED = "dossier.refused"
_FORMAT, _VERSION = "harbourlight-dossier-proof", 1


def bound(workspace: Workspace, kept: KeptExplanation) -> tuple[AuditEntry, str]:
    """Return the entry of the trail that tells of a record, and the hash that binds its values.

    Raises
    ------
    Conflict
        If no entry binds every value of it.
    """
    with workspace.store.read() as conn:
        alone = audit.matching(conn, kind=KEPT, objects={"explanation": kept.id})
        many = audit.matching(
            conn, kind=KEPT_MANY, objects={"model": kept.model_id}, since=kept.made_at
        )
        for entry in chain(alone, many):
            fields = _binding(entry, kept)
            if fields:
                return entry, fields
    raise Conflict(
        N_("The audit trail does not bind every value of this record."),
        remedy=N_("Keep a new record of it."),
    )


def tell(source: Source, kind: str, body: Mapping[str, object], conn: Connection) -> None:
    """Put an entry about a dossier into the trail.

    Dossiers go to outsiders with such an entry in them, so it names no personal id.
    """
    named = {
        "model": source.model_id,
        "jurisdiction": source.kept.jurisdiction,
        "explanation": source.kept.id,
    }
    if not _id_is_personal(source):
        named["prediction"] = source.kept.prediction_id
    audit.append(
        conn,
        at=source.workspace.clock(),
        actor=source.actor.audit_name,
        role=source.actor.role_text,
        kind=kind,
        objects=named,
        body=body,
    )


def proof_of(source: Source, kept: AuditEntry, body: Mapping[str, object]) -> bytes:
    """Put a dossier into the trail, sign it, and return what proves its entry and the record's.

    Parameters
    ----------
    source : Source
        What the dossier is made from.
    kept : AuditEntry
        That tells of the record.
    body : mapping
        What the trail says of the dossier.
    """
    with source.workspace.store.begin() as conn:
        tell(source, MADE, body, conn)
        signed = sign_within(source.workspace, conn, reason="export")
        (made,) = audit.read(conn, after=signed.size - 1, limit=1)
        key = keyring_within(source.workspace, conn).current
        closed = kept.kind == KEPT and not source.values and _id_is_personal(source)
        proof = {
            "format": _FORMAT,
            "version": _VERSION,
            "made": _told(conn, made, signed, closed=False),
            "kept": _told(conn, kept, signed, closed=closed),
            "checkpoint": signed.note,
            "public_key": key.text(),
        }
    return canonical_bytes(proof)


def _binding(entry: AuditEntry, kept: KeptExplanation) -> str | None:
    """Return what an entry says that binds the values of a record; ``None`` if it says nothing."""
    body: Any = entry.body
    if entry.kind == KEPT:
        return body.get("fields") if body["sha256"] == kept.sha256 else None
    if "fields" not in body or kept.sha256 not in body["hashes"]:
        return None
    return str(body["fields"][body["hashes"].index(kept.sha256)])


def _id_is_personal(source: Source) -> bool:
    return source.decision.contract.is_personal("@prediction_id")


def _told(
    conn: Connection, entry: AuditEntry, signed: Checkpoint, *, closed: bool
) -> dict[str, object]:
    """Return an entry with its proof; of a closed one its hash alone."""
    hashes = merkle.inclusion_proof(
        entry.sequence - 1, signed.size, lambda level, place: audit_tree.node(conn, level, place)
    )
    proof = {"hashes": [each.hex() for each in hashes]}
    if closed:
        return {"leaf": leaf_hash(entry.canonical).hex(), **proof}
    return {"entry": entry.canonical.decode(), **proof}
