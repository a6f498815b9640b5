"""Restoring a backup into an empty place: verified first, and without anybody erased since.

Everything is written and checked in a folder of its own; the state goes in last, with the newer
tombstones in it already, so that no moment exists in which an erased person could be seen, and
with everything withdrawn that somebody may have withdrawn since the backup.
"""

import base64
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.auth.keys import WorkspaceKeys, open_keys
from core.config import Settings
from core.errors import Conflict, InvalidInput, StorageError, UnreadableFile
from core.i18n import N_
from core.lake.files import storage_errors, sync
from core.services.backup.loose_files import ATTACHMENTS, SNAPSHOTS, remove_loose_files
from core.services.backup.media import Source, backup_source, checked_name, copy_checked
from core.services.backup.taking import FORMAT, MANIFEST, manifest_mac
from core.services.erasure.run import RESTORED, run_erasure
from core.services.erasure.tombstones import TombstoneFile, key_check, read_tombstones
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store import open_store, snapshot
from core.store.audit import check as audit_check
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.migrations import HEAD
from core.store.retention import erasures, tombstones
from core.store.retention.erasures import Erasure
from core.store.retention.tombstones import Tombstone
from core.store.retention.withdrawal import Withdrawn, withdraw
from core.store.review import erasing
from core.store.snapshot import SubjectKey

_STAGING = ".restoring"
_BASIS = "erased after this backup was made"
_RESTORED = "Restored; decisions made since are missing. Backup of"


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What a restore brought back.

    Parameters
    ----------
    home, backup_id, made_at : str
        Where to, from which backup, of which moment.
    files, entries : int
        Files restored, and entries of the audit trail; each was verified.
    root : str
        Root over the trail in hex, as the backup's manifest says and as found.
    erased_again : int
        People erased after the backup was made, erased again here.
    tokens_revoked, users_disabled, approvals_ended, releases_withdrawn : int
        What was taken back, because nobody knows here what was taken back since.
    models_suspended : tuple of str
        Models that were in production; two people resume each.
    hooks_switched_off, rollbacks_forgotten : int
        Hooks that nobody calls until somebody switches them on, and rules that no longer roll a
        model back.
    """

    home: str
    backup_id: str
    made_at: str
    files: int
    entries: int
    root: str
    erased_again: int
    tokens_revoked: int
    users_disabled: int
    approvals_ended: int
    releases_withdrawn: int
    models_suspended: tuple[str, ...]
    hooks_switched_off: int = 0
    rollbacks_forgotten: int = 0


def restore_backup(
    settings: Settings, source: Path, *, keys_path: Path, tombstones_path: Path | None
) -> RestoreSummary:
    """Restore a backup; whoever may write the workspace's folder may do it.

    Parameters
    ----------
    settings : Settings
        Where to: an empty or missing folder, and an empty database.
    source : Path
        The backup.
    keys_path : Path
        The file of keys that was made with it.
    tombstones_path : Path, optional
        The newest ``tombstones.json``; without it people erased since would come back.

    Raises
    ------
    Conflict
        If there is a workspace already.
    StorageError
        If a file, the trail or a key is not as it was; nothing is restored.
    """
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise Conflict(
            N_("{home} is not empty; nothing was restored."),
            remedy=N_("Restore into a new folder: set HARBOURLIGHT_HOME."),
            home=str(home),
        )
    staging = home / _STAGING
    with storage_errors():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        staging.mkdir(mode=0o700)
        try:
            return _Restore(settings, staging, keys_path, tombstones_path).run(source)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@dataclass(slots=True)
class _Restore:
    settings: Settings
    staging: Path
    keys_path: Path
    tombstones_path: Path | None

    def run(self, source: Path) -> RestoreSummary:
        with backup_source(source) as files:
            manifest = _manifest(files)
            for each in manifest["files"]:
                name = checked_name(str(each["path"]))
                with files.open(name) as file:
                    copy_checked(file, self.staging / name, str(each["sha256"]))
        keys, subject_keys = self._keys(manifest)
        newer = self._tombstones(keys)
        staged = self.settings.state_url.startswith("sqlite")
        if staged and snapshot.database_file(self.settings.state_url).exists():
            raise Conflict(
                N_("The state database is not empty; nothing was restored."),
                remedy=N_("Restore into a new database, or remove the old one yourself."),
            )
        again, taken = self._state(staged, manifest, subject_keys, newer)
        self._move_in(staged)
        workspace = Workspace(self.settings, open_store(self.settings.state_url))
        for erasure_id in again:
            run_erasure(workspace, erasure_id, actor=WORKER)
        self._tell(workspace, manifest, len(again), taken)
        workspace.store.close()
        trail = manifest["trail"]
        return RestoreSummary(
            str(self.settings.home),
            str(manifest["backup_id"]),
            str(manifest["made_at"]),
            len(manifest["files"]),
            int(trail["entries"]),
            str(trail["root"]),
            len(again),
            taken.tokens,
            taken.users,
            taken.approvals,
            taken.releases,
            tuple(name for name, _ in taken.models),
            taken.hooks,
            taken.rollbacks,
        )

    def _keys(self, manifest: Mapping[str, Any]) -> tuple[WorkspaceKeys, tuple[SubjectKey, ...]]:
        try:
            document = json.loads(self.keys_path.read_text(encoding="utf-8"))
            folder = self.staging / "keys"
            folder.mkdir(mode=0o700)
            for name, content in document["files"].items():
                path = folder / Path(str(name)).name
                path.touch(mode=0o600)
                path.write_bytes(base64.b64decode(content))
            subjects = tuple(
                SubjectKey(each["subject_id"], base64.b64decode(each["key"]), each["created_at"])
                for each in document["subjects"]
            )
            belongs = document["backup_id"] == manifest["backup_id"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(
                N_("{path} is not a file of keys."),
                remedy=N_("Give the .keys.json that was made with the backup."),
                path=self.keys_path.name,
            ) from error
        keys = open_keys(folder)
        if not belongs or key_check(keys) != manifest["workspace"]:
            raise InvalidInput(
                N_("{path} was made with another backup."),
                remedy=N_("Give the .keys.json that was made with the backup."),
                path=self.keys_path.name,
            )
        if manifest_mac(keys, manifest) != manifest["mac"]:
            raise StorageError(
                N_("The manifest of the backup was changed; nothing was restored."),
                remedy=N_("Use another copy of the backup."),
            )
        return keys, subjects

    def _tombstones(self, keys: WorkspaceKeys) -> TombstoneFile:
        if self.tombstones_path is None:
            return TombstoneFile((), ())
        return read_tombstones(self.tombstones_path, key_check(keys))

    def _state(
        self,
        staged: bool,
        manifest: Mapping[str, Any],
        keys: tuple[SubjectKey, ...],
        newer: TombstoneFile,
    ) -> tuple[tuple[str, ...], Withdrawn]:
        """Fill the database and prepare it, PostgreSQL in the same transaction.

        A file of SQLite is used as it is, or read table by table for a PostgreSQL database; tables
        fill a PostgreSQL database, or a new file.
        """
        folder = self.staging / "state"
        own, is_file = f"sqlite:///{folder / 'state.db'}", manifest["dialect"] == "sqlite"
        if is_file and not staged:
            copied = open_store(own)
            try:
                snapshot.write_tables(copied, folder)
            finally:
                copied.close()
        store = open_store(own if staged else self.settings.state_url)
        try:
            with store.begin() as conn:
                if staged and is_file:
                    snapshot.put_keys(conn, keys)
                else:
                    snapshot.load(conn, folder, keys)
                missing = self._bury(conn, newer)
                self._verify(conn, manifest)
                return self._erase_again(conn, missing), self._withdraw(conn, manifest)
        finally:
            store.close()

    def _bury(self, conn: Connection, newer: TombstoneFile) -> tuple[Tombstone, ...]:
        """Bury who was erased since; drop payloads whose key was taken out of the file of keys."""
        missing = tombstones.missing(conn, newer.subjects)
        tombstones.bury(conn, missing)
        tombstones.bury_predictions(conn, newer.predictions)
        subjects.drop_keyless(conn)
        return tuple(missing)

    def _verify(self, conn: Connection, manifest: Mapping[str, Any]) -> None:
        trail = manifest["trail"]
        size = int(trail["entries"])
        walked = audit_check.walk(conn, sizes={size}, progress=lambda _: None)
        root = walked.roots.get(size)
        if walked.size != size or root is None or root.hex() != trail["root"] or walked.problems:
            raise StorageError(
                N_("The audit trail of the backup is not the one that was backed up."),
                remedy=N_("Use another copy of the backup."),
            )

    def _erase_again(self, conn: Connection, missing: tuple[Tombstone, ...]) -> tuple[str, ...]:
        """Destroy keys and payloads of who was erased since, and order the rest."""
        for stone in missing:
            gone = subjects.Destroyed(0, 0)
            if not stone.model_id:
                gone = subjects.destroy(conn, stone.subject_id)
            self._forget_reviews(conn, stone)
            erasures.forget_request(conn, stone.erasure_id)
            again = Erasure(
                id=stone.erasure_id,
                subject_id=stone.subject_id,
                model_id=stone.model_id or None,
                basis=_BASIS,
                state="running",
                requested_by=WORKER.audit_name,
                requested_at=stone.erased_at,
                approved_by=WORKER.audit_name,
                started_at=stone.erased_at,
                report={
                    RESTORED: True,
                    "stores": {"payloads": gone.payloads, "keys": gone.keys},
                },
            )
            erasures.add(conn, again)
        return tuple(stone.erasure_id for stone in missing)

    def _forget_reviews(self, conn: Connection, stone: Tombstone) -> None:
        """Take reviews and requests of who was erased since out of the state and the staging."""
        forgotten = erasing.forget(conn, stone.subject_id, model_id=stone.model_id or None)
        paths = [
            *(f"{ATTACHMENTS}/{path}" for path in forgotten.attachments),
            *(f"{SNAPSHOTS}/{path}" for path in forgotten.snapshots),
        ]
        remove_loose_files(self.staging, paths)

    def _withdraw(self, conn: Connection, manifest: Mapping[str, Any]) -> Withdrawn:
        """Take back what may have been taken back since; the trail tells of every model."""
        at, reason = datetime.now(UTC), f"{_RESTORED} {str(manifest['made_at'])[:16]}Z"
        taken = withdraw(conn, at=at, by=WORKER.audit_name, reason=reason)
        for model_id, before in taken.models:
            audit.append(
                conn,
                at=at,
                actor=WORKER.audit_name,
                role="",
                kind="model.suspended",
                objects={"model": model_id},
                body={"reason": reason, "fallback_version": None, "before": before},
            )
        return taken

    def _move_in(self, staged: bool) -> None:
        """Put everything in its place, the state last."""
        home = self.settings.home
        for name in ("lake", "models", "keys", ATTACHMENTS, SNAPSHOTS):
            if (self.staging / name).is_dir():
                (self.staging / name).rename(home / name)
        for folder in (
            self.settings.lake_dir,
            self.settings.models_dir,
            self.settings.exports_dir,
            self.settings.scratch_dir,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        if staged:
            folder = self.staging / "state"
            database = snapshot.database_file(self.settings.state_url)
            database.parent.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("state.db?*")):
                shutil.move(path, database.with_name(path.name.replace("state.db", database.name)))
            shutil.move(folder / "state.db", database)
        sync(home)

    def _tell(
        self, workspace: Workspace, manifest: Mapping[str, Any], erased: int, taken: Withdrawn
    ) -> None:
        with workspace.store.begin() as conn:
            audit.append(
                conn,
                at=workspace.clock(),
                actor=WORKER.audit_name,
                role="",
                kind="backup.restored",
                objects={"backup": str(manifest["backup_id"])},
                body={
                    "made_at": str(manifest["made_at"]),
                    "erased_again": erased,
                    "tokens_revoked": taken.tokens,
                    "users_disabled": taken.users,
                    "approvals_ended": taken.approvals,
                    "releases_withdrawn": taken.releases,
                    "models_suspended": [name for name, _ in taken.models],
                    "hooks_switched_off": taken.hooks,
                    "rollbacks_forgotten": taken.rollbacks,
                },
            )


def _manifest(files: Source) -> dict[str, Any]:
    try:
        with files.open(MANIFEST) as file:
            document: dict[str, Any] = json.loads(file.read())
        known = document["format"] == FORMAT and document["revision"] == HEAD
        names = {str(each["path"]) for each in document["files"] if document["mac"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            N_("The manifest of the backup cannot be read."),
            remedy=N_("Use another copy of the backup."),
        ) from error
    if not known or len(names) != len(document["files"]):
        raise InvalidInput(
            N_("The backup was made by another version."),
            remedy=N_("Restore it with the version that made it, then upgrade."),
        )
    return document
