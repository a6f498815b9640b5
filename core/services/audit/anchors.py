"""Anchors: copies of each checkpoint where whoever can rewrite the database cannot follow.

The one that is always on appends to a file. Let its folder lie on another machine or on a medium
that can be written once; while it lies on the workspace's own disk the pages say so.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint, anchor_line, read_checkpoints
from core.services import access
from core.services.audit.mail import mail, mail_line
from core.services.audit.timestamp import authority_of, stamp
from core.services.audit.webhook import post, webhook_url
from core.services.outbound import host_of
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit.checkpoints import Anchor

ANCHOR_PATH = "audit_anchor_path"
_FILE = "checkpoints.log"
_COPIES = frozenset({"webhook", "mail"})
"""What takes a copy to another machine; a timestamp comes back and lies beside its checkpoint."""


@dataclass(frozen=True, slots=True)
class AnchorStatus:
    """Where checkpoints are anchored, and when one was last.

    Parameters
    ----------
    path : str
        The file they are appended to.
    same_disk : bool
        Whether that file lies on the workspace's own disk.
    last_at, last_size : datetime, int, optional
        The last copy that was written, and how many entries it covers.
    last_external_at : datetime, optional
        The last copy that left the workspace's disk.
    failure : str
        Why the newest attempt failed; otherwise empty.
    webhook, authority, mail : str
        Hosts that checkpoints are posted to, stamped by and mailed through; empty if by none.
    """

    path: str
    same_disk: bool
    last_at: datetime | None
    last_size: int | None
    last_external_at: datetime | None
    failure: str
    webhook: str
    authority: str
    mail: str


def anchor(workspace: Workspace, checkpoint: Checkpoint, *, actor: Actor) -> tuple[Anchor, ...]:
    """Take a checkpoint to every place in use, and keep what became of it at each.

    One place that fails or does not answer keeps it from no other; no transaction waits meanwhile.
    """
    access.require(actor, Permission.audit_checkpoint)
    path, url = anchor_path(workspace), webhook_url(workspace)
    authority, letters = authority_of(workspace), mail_line(workspace)
    tried = [("path", str(path), _written(path, checkpoint), b"")]
    if url:
        tried.append(("webhook", host_of(url), post(url, checkpoint), b""))
    if authority:
        tried.append(("timestamp", authority.host, *stamp(authority, checkpoint)))
    if letters:
        tried.append(("mail", letters.host, mail(letters, checkpoint), b""))
    now = workspace.clock()
    kept = tuple(
        Anchor(checkpoint.size, kind, target, state, detail, now, receipt or None)
        for kind, target, detail, receipt in tried
        for state in ["failed" if detail else "done"]
    )
    with workspace.store.begin() as conn:
        for each in kept:
            checkpoints.note_anchor(conn, each)
    return kept


def failing(workspace: Workspace) -> tuple[Anchor, ...]:
    """Return the newest attempts that failed, of the places in use."""
    authority, letters = authority_of(workspace), mail_line(workspace)
    used = {
        ("path", str(anchor_path(workspace))),
        ("webhook", host_of(webhook_url(workspace))),
        ("timestamp", authority.host if authority else ""),
        ("mail", letters.host if letters else ""),
    }
    with workspace.store.read() as conn:
        tried = checkpoints.newest_anchors(conn)
    return tuple(
        each for each in tried if each.state == "failed" and (each.kind, each.target) in used
    )


def anchor_status(workspace: Workspace, *, actor: Actor) -> AnchorStatus:
    """Return where checkpoints go, and how fresh the last copy is."""
    access.require(actor, Permission.audit_view)
    path = anchor_path(workspace)
    with workspace.store.read() as conn:
        done = checkpoints.newest_anchors(conn, state="done")
    home = workspace.settings.home
    outside = [
        each
        for each in done
        if each.kind in _COPIES or (each.kind == "path" and not on_disk_of(home, Path(each.target)))
    ]
    last = done[0] if done else None
    failed, letters = failing(workspace), mail_line(workspace)
    authority = authority_of(workspace)
    return AnchorStatus(
        path=str(path),
        same_disk=on_disk_of(home, path),
        last_at=last.at if last else None,
        last_size=last.size if last else None,
        last_external_at=outside[0].at if outside else None,
        failure=failed[0].detail if failed else "",
        webhook=host_of(webhook_url(workspace)),
        authority=authority.host if authority else "",
        mail=letters.host if letters else "",
    )


def set_anchor_path(workspace: Workspace, path: Path, *, actor: Actor) -> AnchorStatus:
    """Choose the file that checkpoints are appended to.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If it cannot be appended to.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    target = path.expanduser().resolve()
    target = target / _FILE if target.is_dir() else target
    try:
        _append(target, b"")
    except OSError as error:
        raise InvalidInput(
            N_("Checkpoints cannot be appended to {path}: {reason}."),
            remedy=N_("Name a file, or a folder that the worker may write to."),
            path=str(target),
            reason=error.strerror or type(error).__name__,
        ) from error
    with workspace.store.begin() as conn:
        before = settings.get(conn, ANCHOR_PATH, "")
        settings.put(conn, ANCHOR_PATH, str(target))
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.anchor_changed",
            objects={},
            body={"before": before, "after": str(target)},
        )
    return anchor_status(workspace, actor=actor)


def anchored(workspace: Workspace) -> tuple[tuple[Checkpoint, ...], int]:
    """Return the checkpoints in the anchor file, and how many of its lines are damaged."""
    try:
        text = anchor_path(workspace).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return (), 0
    return read_checkpoints(text) if text.strip() else ((), 0)


def anchor_path(workspace: Workspace) -> Path:
    """Return the file that checkpoints are appended to."""
    with workspace.store.read() as conn:
        chosen = settings.get(conn, ANCHOR_PATH)
    return Path(str(chosen)) if chosen else workspace.settings.home / "anchors" / _FILE


def on_disk_of(home: Path, path: Path) -> bool:
    """Whether a file lies on the same device as the workspace, as far as the system tells."""
    there = next((each for each in (path, *path.parents) if each.exists()), None)
    return there is None or there.stat().st_dev == home.stat().st_dev


def _written(path: Path, checkpoint: Checkpoint) -> str:
    """Append a checkpoint; return why it failed, or an empty text."""
    try:
        _append(path, f"{anchor_line(checkpoint)}\n".encode())
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _append(path: Path, line: bytes) -> None:
    """Append in one write, and wait until it is on the disk; a torn line before it is closed."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if line:
            start = b"\n" if _is_torn(path) else b""
            whole = start + line
            if os.write(descriptor, whole) != len(whole):
                raise OSError(0, "the disk is full")
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_torn(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # empty, or write-only
        return False
