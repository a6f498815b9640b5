"""Files for one person to take away, for a while: random id, owner, expiry, both ends audited.

The entry that tells of a file is covered by a checkpoint of its own, signed in the same
transaction: :mod:`core.services.audit.export_proofs` ties the file to the trail with it.

Streamlit's own downloads have no owner, and two different files of equal length can share an
address. These are written to the workspace's exports folder and served by ``app.asgi``. Who loses
the permission that a file was made with cannot fetch it any more.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import NotFound, StorageError
from core.lake.files import finished_file
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.audit import checkpoints as audit_checkpoints
from core.services.workspace import Workspace
from core.store import exports as store
from core.store.audit import trail as audit
from core.store.exports import ExportRecord

LIFETIME = timedelta(hours=24)
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_PATH = re.compile(r"[0-9a-f]{32}\.bin")
_UNSAFE = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True, slots=True)
class MadeExport:
    """A file to take away: its random id, what is known of it, and the checkpoint made for it."""

    id: str
    record: ExportRecord
    checkpoint: Checkpoint

    @property
    def url(self) -> str:
        """Address below the app's own."""
        return f"exports/{self.id}"


def publish(
    workspace: Workspace,
    content: bytes,
    *,
    actor: Actor,
    permission: Permission,
    name: str,
    media_type: str,
    model: str | None = None,
    personal: bool = False,
) -> MadeExport:
    """Write a file that only the actor can fetch within a day, and return its address.

    Parameters
    ----------
    workspace : Workspace
        Where.
    content : bytes
        The file.
    actor : Actor
        Who made it, and alone may fetch it.
    permission : Permission
        What allows it, now and when it is fetched.
    name : str
        File name that the browser suggests; letters, digits, ``. - _`` and blanks are kept.
    media_type : str
        Such as ``text/csv``.
    model : str, optional
        The model it is about.
    personal : bool
        Whether it holds personal data in clear: that takes one more permission and a step-up.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    NotFound
        If the model lies outside the actor's scope.
    StorageError
        If it cannot be written, or the trail no longer extends its last checkpoint.
    """
    access.require(actor, permission, model=model)
    if personal:
        access.require(actor, Permission.personal_export, model=model)
        access.require_recent(workspace, actor)
    remove_expired(workspace)
    export_id, now = secrets.token_urlsafe(32), workspace.clock()
    record = ExportRecord(
        id_hash=_digest(export_id),
        owner_id=actor.user_id,
        permission=str(permission),
        model_id=model,
        name=_UNSAFE.sub("_", name)[:200],
        media_type=media_type,
        path=f"{secrets.token_hex(16)}.bin",
        sha256=sha256(content).hexdigest(),
        bytes=len(content),
        personal=personal,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    target = workspace.settings.exports_dir / record.path
    with finished_file(target) as partial:
        partial.write_bytes(content)
    try:
        with workspace.store.begin() as conn:
            store.add(conn, record)
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="export.made",
                objects=_objects(record),
                body={
                    "permission": record.permission,
                    "media_type": media_type,
                    "bytes": record.bytes,
                    "sha256": record.sha256,
                    "personal": personal,
                },
            )
            signed = audit_checkpoints.sign_within(workspace, conn, reason="export")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return MadeExport(export_id, record, signed)


def fetch(workspace: Workspace, export_id: str, *, actor: Actor) -> tuple[ExportRecord, bytes]:
    """Hand a file to its owner; the trail says so before the first byte leaves.

    Raises
    ------
    NotFound
        If there is no such file for this actor now; it does not say why.
    StorageError
        If the content is not what was written.
    """
    access.require(actor, Permission.account_manage)
    record, now = owned(workspace, export_id, actor=actor), workspace.clock()
    content = _read(workspace.settings.exports_dir, record)
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="export.fetched",
            objects=_objects(record),
            body={"sha256": record.sha256},
        )
    return record, content


def owned(workspace: Workspace, export_id: str, *, actor: Actor) -> ExportRecord:
    """Return what is known of a file, if the actor may fetch it now.

    Raises
    ------
    NotFound
        If there is no such file for this actor now; it does not say why.
    """
    access.require(actor, Permission.account_manage)
    if _ID.fullmatch(export_id) is None:
        raise _no_file()
    with workspace.store.read() as conn:
        record = store.find(conn, _digest(export_id))
    if record is None or record.owner_id != actor.user_id:
        raise _no_file()
    if record.removed_at is not None or record.expires_at <= workspace.clock():
        raise _no_file()
    if not _may_still(actor, record):
        raise _no_file()
    return record


def remove_expired(workspace: Workspace) -> int:
    """Delete the files whose day is over; return how many."""
    now = workspace.clock()
    with workspace.store.read() as conn:
        due = store.due(conn, now)
    for record in due:
        if _PATH.fullmatch(record.path):
            (workspace.settings.exports_dir / record.path).unlink(missing_ok=True)
        with workspace.store.begin() as conn:
            store.mark_removed(conn, record.id_hash, at=now)
    return len(due)


def _may_still(actor: Actor, record: ExportRecord) -> bool:
    if record.permission not in set(Permission):
        return False
    allowed = allows(actor, Permission(record.permission))
    in_scope = record.model_id is None or actor.sees_model(record.model_id)
    in_clear = not record.personal or allows(actor, Permission.personal_export)
    return allowed and in_scope and in_clear


def _read(folder: Path, record: ExportRecord) -> bytes:
    """Return the content, whose path comes from the database and is trusted no more than an id."""
    path = folder / record.path
    if _PATH.fullmatch(record.path) is None or path.is_symlink() or not path.is_file():
        raise _no_file()
    content = path.read_bytes()
    if sha256(content).hexdigest() != record.sha256:
        raise StorageError(
            "The file {name} is not what was exported.", remedy="Make it anew.", name=record.name
        )
    return content


def _objects(record: ExportRecord) -> Mapping[str, str]:
    found = {"export": record.id_hash}
    return found if record.model_id is None else {**found, "model": record.model_id}


def _no_file() -> NotFound:
    return NotFound("There is no such file.", remedy="Make it anew; files are kept for a day.")


def _digest(export_id: str) -> str:
    return sha256(export_id.encode("utf-8")).hexdigest()
