"""Checkpoints: made by the schedule, by command and at each export, and put where they are safe."""

from datetime import timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.proof.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from core.proof.note import NoteVerifier
from core.services import access
from core.services.audit import anchors as audit_anchors
from core.services.audit.keys import check_extends, keyring_within, signer_within
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import instant_text
from core.store.audit.checkpoints import StoredCheckpoint

EVERY_MINUTES = 60
_EVERY = "audit_checkpoint_minutes"


def make_checkpoint(workspace: Workspace, *, actor: Actor, reason: str) -> Checkpoint:
    """Sign the audit trail as it stands, keep the checkpoint, and anchor it.

    If nothing was appended since the last checkpoint, that one is anchored again and returned.

    Parameters
    ----------
    workspace : Workspace
        Whose trail.
    actor : Actor
        Who asks.
    reason : str
        ``schedule``, ``command`` or ``export``.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    StorageError
        If the trail no longer extends its last checkpoint: what was tampered with is not signed.
    """
    access.require(actor, Permission.audit_checkpoint)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        made = sign_within(workspace, conn, reason=reason)
    audit_anchors.anchor(workspace, made, actor=actor)
    return made


def sign_within(workspace: Workspace, conn: Connection, *, reason: str) -> Checkpoint:
    """Sign the trail as the transaction leaves it; the schedule anchors it.

    Call it behind the entry that it shall cover: the head row is locked from then on, so the
    checkpoint ends with that entry. Nobody is asked for a permission here: what is exported is.

    Parameters
    ----------
    workspace : Workspace
        Whose trail.
    conn : Connection
        Of ``Store.begin()``.
    reason : str
        As for :func:`make_checkpoint`.

    Raises
    ------
    StorageError
        If the trail no longer extends its last checkpoint.
    """
    check_extends(conn)
    size = audit.size(conn)
    root = audit_tree.root(conn, size)
    kept = checkpoints.newest(conn)
    if kept is not None and kept.size == size:
        return parse_checkpoint(kept.note)
    now = workspace.clock()
    made = sign_checkpoint(
        signer_within(workspace, conn), size=size, root=root, at=instant_text(now)
    )
    checkpoints.put(conn, StoredCheckpoint(size, root, now, reason, made.note))
    return made


def make_due_checkpoint(workspace: Workspace, *, actor: Actor) -> Checkpoint | None:
    """Make a checkpoint if the trail grew and the last one anchored is old; the worker calls it.

    Checkpoints of downloads are not anchored by themselves, and put nothing off.
    """
    access.require(actor, Permission.audit_checkpoint)
    with workspace.store.read() as conn:
        size, last = audit.size(conn), checkpoints.newest_anchored(conn)
        every = timedelta(minutes=_minutes(settings.get(conn, _EVERY, EVERY_MINUTES)))
    now = workspace.clock()
    if last is None:
        grown, due = size > 0, True
    else:
        grown, due = size > last.size, now - last.at >= every
    failed = any(now - each.at >= every for each in audit_anchors.failing(workspace))
    if (grown and due) or failed:
        return make_checkpoint(workspace, actor=actor, reason="schedule")
    return None


def set_schedule(workspace: Workspace, minutes: int, *, actor: Actor) -> None:
    """Set how often the worker makes a checkpoint of a trail that grew; takes a step-up."""
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    minutes = _minutes(minutes)
    with workspace.store.begin() as conn:
        before = settings.get(conn, _EVERY, EVERY_MINUTES)
        settings.put(conn, _EVERY, minutes)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.schedule_changed",
            objects={},
            body={"before": before, "after": minutes},
        )


def verifier_of(workspace: Workspace) -> NoteVerifier:
    """Return the public key that outsiders check the workspace's checkpoints with."""
    with workspace.store.read() as conn:
        return keyring_within(workspace, conn).current


def _minutes(value: object) -> int:
    return max(1, int(str(value)))
