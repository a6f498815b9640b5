"""The keys that sign the trail: which one is in use, which ones were, and changing them.

The entries ``audit.key_rotated`` say which key signs from when on; the folder of keys holds the
private half of the one in use only. A process that runs on finds the new key by itself.
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from core.auth.keys import find_checkpoint_key, put_in_use, write_next_key
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, StorageError
from core.i18n import N_
from core.proof.checkpoint import Checkpoint, cosign, sign_checkpoint
from core.proof.keyring import Keyring, keyring
from core.proof.note import NoteSigner, NoteVerifier, parse_verifier
from core.services import access
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import instant_text
from core.store.audit.checkpoints import StoredCheckpoint

ROTATED = "audit.key_rotated"
_ORIGIN = "audit_origin"
_FROM_KEY = 16


@dataclass(frozen=True, slots=True)
class Rotation:
    """A change of keys: both public keys, and the checkpoint that both signed."""

    old: NoteVerifier
    new: NoteVerifier
    checkpoint: Checkpoint


def keys_of(workspace: Workspace, *, actor: Actor) -> Keyring:
    """Return the public keys of the trail with their spans."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        return keyring_within(workspace, conn)


def keyring_within(workspace: Workspace, conn: Connection) -> Keyring:
    """Return the public keys of the trail as a transaction sees it.

    Raises
    ------
    InvalidInput
        If the entries of changes contradict each other.
    """
    own = workspace.keys.checkpoint_key
    fallback = f"harbourlight/{sha256(own.public_key().public_bytes_raw()).hexdigest()[:_FROM_KEY]}"
    name = str(settings.get(conn, _ORIGIN, fallback))
    changes = [
        (
            entry.sequence,
            parse_verifier(str(entry.body["old"])),
            parse_verifier(str(entry.body["new"])),
        )
        for entry in audit.matching(conn, kind=ROTATED)
    ]
    return keyring(NoteSigner(name, own).verifier, changes)


def signer_within(workspace: Workspace, conn: Connection) -> NoteSigner:
    """Return the key in use, private half included.

    Raises
    ------
    StorageError
        If the folder of keys does not hold it.
    """
    wanted = keyring_within(workspace, conn).current
    own = workspace.keys.checkpoint_key
    if own.public_key().public_bytes_raw() == wanted.public_key:
        return NoteSigner(wanted.name, own)
    found = find_checkpoint_key(workspace.settings.keys_dir, wanted.public_key)
    if found is None:
        raise StorageError(
            N_("The key that signs checkpoints is not in the folder of keys; nothing was signed."),
            remedy=N_("Restore keys/checkpoint.key from the backup of the keys."),
        )
    return NoteSigner(wanted.name, found)


def rotate_key(workspace: Workspace, *, actor: Actor, reason: str) -> Rotation:
    """Change the key that signs checkpoints; the old private half is destroyed.

    Entry and checkpoint are written in one transaction; after a crash either key is in use, and
    the folder of keys holds it.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    actor : Actor
        Who orders it; says again who they are.
    reason : str
        Why; it stays in the trail.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If there is no reason.
    StorageError
        If the trail no longer extends its last checkpoint, or the key cannot be written.
    """
    access.require(actor, Permission.key_rotate)
    access.require_recent(workspace, actor)
    if not reason.strip():
        raise InvalidInput(N_("A reason is needed."), remedy=N_("Write why the key is changed."))
    folder, fresh = workspace.settings.keys_dir, Ed25519PrivateKey.generate()
    now = workspace.clock()
    with workspace.store.begin() as conn:
        old = signer_within(workspace, conn)
        new = NoteSigner(old.name, fresh)
        check_extends(conn)
        settings.put(conn, _ORIGIN, old.name)
        size = audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind=ROTATED,
            objects={},
            body={
                "old": old.verifier.text(),
                "new": new.verifier.text(),
                "reason": reason.strip()[:300],
            },
        )
        root = audit_tree.root(conn, size)
        made = sign_checkpoint(old, size=size, root=root, at=instant_text(now))
        made = cosign(made, new)
        checkpoints.put(conn, StoredCheckpoint(size, root, now, "rotation", made.note))
        # Nobody else rotates while this transaction holds the head row.
        path = write_next_key(folder, fresh)
    put_in_use(path)
    return Rotation(old.verifier, new.verifier, made)


def check_extends(conn: Connection) -> None:
    """Refuse to sign a trail that no longer begins with what was signed last.

    Raises
    ------
    StorageError
        If it does not.
    """
    size, last = audit.size(conn), checkpoints.newest(conn)
    try:
        audit_tree.root(conn, size)
        extends = last is None or (
            last.size <= size and audit_tree.root(conn, last.size) == last.root
        )
    except LookupError:
        extends = False
    if not extends:
        raise StorageError(
            N_("The audit trail no longer extends its last checkpoint; nothing was signed."),
            remedy=N_("Run 'harbourlight audit verify' and keep a copy of the database."),
        )
