"""Backups: one moment of the state, the lake of that moment, artefacts; the keys in a second file.

Whoever holds the backup alone can read the logs but neither sign checkpoints nor open what the
trail only commits to; whoever destroys a subject's key in the second file has destroyed it in
every backup that goes with it.
"""

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.auth.keys import WorkspaceKeys
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, StorageError
from core.i18n import N_
from core.lake.files import sha256_of
from core.services import access
from core.services.audit.checkpoints import make_checkpoint
from core.services.backup.loose_files import ATTACHMENTS, SNAPSHOTS
from core.services.backup.media import Sink, backup_sink
from core.services.erasure.tombstones import key_check
from core.services.workspace import Workspace
from core.store import snapshot
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes
from core.store.retention import tombstones
from core.store.snapshot import Snapshot

FORMAT = 1
MANIFEST = "manifest.json"
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds.

    Parameters
    ----------
    path, keys_path : str
        Where it is, and where its keys are.
    backup_id : str
        What both carry.
    files, bytes : int
        Number and size of its files.
    entries, root : int, str
        Length of the audit trail, and the root over it in hex.
    erased_until_now : int
        People whose tombstones it holds; those erased later are handed over at the restore.
    """

    path: str
    keys_path: str
    backup_id: str
    files: int
    bytes: int
    entries: int
    root: str
    erased_until_now: int


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    sha256: str
    bytes: int


def make_backup(
    workspace: Workspace, target: Path, *, actor: Actor, keys_path: Path | None = None
) -> BackupSummary:
    """Back up the workspace while it runs.

    Parameters
    ----------
    workspace : Workspace
        Which.
    target : Path
        A folder to be made, or a file that ends in ``.tar``.
    actor : Actor
        Who orders it.
    keys_path : Path, optional
        Where the keys go; beside the backup by default, to be moved elsewhere.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If one of the two exists already, or lies inside the workspace.
    StorageError
        If a file is not as it was published, or the disk is full.
    """
    access.require(actor, Permission.backup_make)
    access.require_recent(workspace, actor)
    target = target.expanduser().resolve()
    keys_path = (keys_path or target.with_name(f"{target.name}.keys.json")).expanduser().resolve()
    _check_places(workspace, target, keys_path)
    make_checkpoint(workspace, actor=actor, reason="backup")
    backup_id = workspace.new_id()
    workspace.settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    for attempt in range(_ATTEMPTS):
        try:
            with (
                tempfile.TemporaryDirectory(dir=workspace.settings.scratch_dir) as scratch,
                backup_sink(target) as sink,
            ):
                taken, files, root = _write(workspace, Path(scratch), sink, backup_id)
            break
        except FileNotFoundError:
            # An erasure or a compaction removed a file of that moment: take a newer moment.
            if attempt == _ATTEMPTS - 1:
                raise _too_busy() from None
    _write_keys(workspace, keys_path, backup_id, taken)
    with workspace.store.begin() as conn:
        erased, _ = tombstones.count(conn)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="backup.made",
            objects={"backup": backup_id},
            body={"entries": taken.size, "root": root, "files": len(files)},
        )
    size = sum(file.bytes for file in files)
    return BackupSummary(
        str(target), str(keys_path), backup_id, len(files), size, taken.size, root, erased
    )


def _write(
    workspace: Workspace, scratch: Path, sink: Sink, backup_id: str
) -> tuple[Snapshot, list[_File], str]:
    taken = snapshot.take(workspace.store, scratch)
    files = []
    for path in sorted(scratch.iterdir()):
        name = f"state/{path.name}"
        files.append(_File(name, sha256_of(path), path.stat().st_size))
        sink.add(path, name)
    home = workspace.settings.home
    published = [(f"lake/{each.path}", each) for each in taken.files]
    published += [(f"{ATTACHMENTS}/{each.path}", each) for each in taken.attachments]
    for name, lake_file in published:
        path = home / name if name.startswith(ATTACHMENTS) else _in_lake(workspace, lake_file.path)
        if sha256_of(path) != lake_file.sha256:
            raise StorageError(
                N_("{file} is not what was published; the backup was not made."),
                remedy=N_("Run 'harbourlight doctor'."),
                file=lake_file.path,
            )
        sink.add(path, name)
        files.append(_File(name, lake_file.sha256, lake_file.bytes))
    for artefact in (*taken.artefacts, *(f"{SNAPSHOTS}/{each}" for each in taken.frozen)):
        files.append(_File(artefact, sha256_of(home / artefact), (home / artefact).stat().st_size))
        sink.add(home / artefact, artefact)
    with workspace.store.read() as conn:  # the tree only grows: the root of that size stands
        root = audit_tree.root(conn, taken.size).hex()
    document: dict[str, object] = {
        "format": FORMAT,
        "backup_id": backup_id,
        "made_at": workspace.clock().isoformat(),
        "workspace": key_check(workspace.keys),
        "dialect": taken.dialect,
        "revision": taken.revision,
        "trail": {"entries": taken.size, "root": root},
        "files": [asdict(file) for file in files],
    }
    document["mac"] = manifest_mac(workspace.keys, document)
    written = scratch / MANIFEST
    written.write_text(json.dumps(document, indent=1), encoding="utf-8")
    sink.add(written, MANIFEST)
    return taken, files, root


def _in_lake(workspace: Workspace, path: str) -> Path:
    return workspace.settings.lake_dir / path


def manifest_mac(keys: WorkspaceKeys, document: Mapping[str, object]) -> str:
    """Return what binds a backup's manifest to the workspace's key, all but the field itself."""
    content = {name: value for name, value in document.items() if name != "mac"}
    return keys.mac("backup", canonical_bytes(content).decode("utf-8"))


def _write_keys(workspace: Workspace, path: Path, backup_id: str, taken: Snapshot) -> None:
    folder = workspace.settings.keys_dir
    document = {
        "format": FORMAT,
        "backup_id": backup_id,
        "workspace": key_check(workspace.keys),
        "files": {
            each.name: base64.b64encode(each.read_bytes()).decode("ascii")
            for each in sorted(folder.iterdir())
            if each.is_file()
        },
        "subjects": [
            {**asdict(key), "key": base64.b64encode(key.key).decode("ascii")} for key in taken.keys
        ],
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _check_places(workspace: Workspace, target: Path, keys_path: Path) -> None:
    home = workspace.settings.home.resolve()
    for path in (target, keys_path):
        if path.is_relative_to(home):
            raise InvalidInput(
                N_("{path} lies inside the workspace."),
                remedy=N_("Back up to another folder, best on another disk."),
                path=str(path),
            )
        if path.exists():
            raise InvalidInput(
                N_("{path} exists already."),
                remedy=N_("Give each backup a name of its own."),
                path=str(path),
            )


def _too_busy() -> StorageError:
    return StorageError(
        N_("Files were removed too often while the backup was made."),
        remedy=N_("Repeat it when no erasure runs."),
    )
