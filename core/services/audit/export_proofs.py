"""What goes with a file to take away: the entry that tells of it, and its way to a checkpoint.

Whoever gets the file later, by whatever way, checks with it that the trail knew of these very
bytes: ``verify.py FILE --proof FILE.proof.json``. docs/verify/format.md describes it.
"""

import json

from core.domain import merkle
from core.domain.identity import Actor, Permission
from core.errors import NotFound
from core.i18n import N_
from core.proof.checkpoint import parse_checkpoint
from core.services import access, exports
from core.services.audit.keys import keyring_within
from core.services.workspace import Workspace
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.exports import ExportRecord

FORMAT, VERSION = "harbourlight-file-proof", 1


def side_file(workspace: Workspace, export_id: str, *, actor: Actor) -> tuple[ExportRecord, bytes]:
    """Return the proof that the audit trail tells of a file, as JSON; its owner may fetch it.

    Parameters
    ----------
    workspace : Workspace
        Where the file was made.
    export_id : str
        As in the address of the file.
    actor : Actor
        Its owner.

    Returns
    -------
    tuple
        What is known of the file, and the bytes of the proof.

    Raises
    ------
    NotFound
        If there is no such file for this actor now, or no checkpoint covers it.
    """
    access.require(actor, Permission.account_manage)
    record = exports.owned(workspace, export_id, actor=actor)
    with workspace.store.read() as conn:
        entry = next(
            iter(audit.list_newest(conn, kind="export.made", objects={"export": record.id_hash})),
            None,
        )
        kept = checkpoints.covering(conn, entry.sequence) if entry else None
        if entry is None or kept is None:
            raise NotFound(N_("No checkpoint covers this file."), remedy=N_("Make the file anew."))
        key = keyring_within(workspace, conn).of(kept.size)[0]
        hashes = merkle.inclusion_proof(
            entry.sequence - 1, kept.size, lambda level, place: audit_tree.node(conn, level, place)
        )
    proof = {
        "format": FORMAT,
        "version": VERSION,
        "file": {"name": record.name, "sha256": record.sha256, "bytes": record.bytes},
        "entry": entry.canonical.decode("utf-8"),
        "sequence": entry.sequence,
        "hashes": [digest.hex() for digest in hashes],
        "checkpoint": kept.note,
        "origin": parse_checkpoint(kept.note).origin,
        "public_key": key.text(),
    }
    return record, json.dumps(proof, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
