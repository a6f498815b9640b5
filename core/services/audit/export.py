"""Exports of the audit trail that an outsider checks without this product.

All entries with all leaves, or, for a reader of some models or a search, some entries with an
inclusion proof each. docs/verify/format.md describes every file; docs/verify/verify.py checks them.
"""

import base64
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from core.domain import merkle
from core.domain.identity import Actor, Permission
from core.domain.merkle import leaf_hash
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.files import sha256_of
from core.proof.checkpoint import Checkpoint, anchor_line, parse_checkpoint
from core.proof.keyring import Keyring
from core.services import access
from core.services.audit.checkpoints import make_checkpoint
from core.services.audit.keys import keyring_within
from core.services.audit.timestamp import authority_of
from core.services.workspace import Workspace
from core.store.audit import checkpoints, subjects
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes, instant_text
from core.store.audit.trail import COMMITTED, AuditEntry

FORMAT, VERSION = "harbourlight-audit-export", 1
_PAGE = 1000
_MOST_LINKED = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries to export; everything if nothing is named.

    Parameters
    ----------
    kind, person : str, optional
        Only entries of this kind, or of this person's pseudonym.
    objects : mapping, optional
        Only entries about all of these objects.
    since, until : datetime, optional
        Half-open interval of the instant.
    """

    kind: str | None = None
    person: str | None = None
    objects: Mapping[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return any(value for value in asdict(self).values())


@dataclass(frozen=True, slots=True)
class AuditExport:
    """What an export holds.

    Parameters
    ----------
    path : str
        The folder or the zip file.
    entries : int
        How many entries it holds.
    whole : bool
        Whether these are all.
    size : int
        Entries that its checkpoint covers.
    """

    path: str
    entries: int
    whole: bool
    size: int


def write_export(
    workspace: Workspace,
    target: Path,
    *,
    actor: Actor,
    selection: Selection | None = None,
    payloads: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> AuditExport:
    """Write an export with a fresh checkpoint; the trail says so first.

    Parameters
    ----------
    workspace : Workspace
        Whose trail.
    target : Path
        A new folder, or a file that ends in ``.zip``.
    actor : Actor
        Who asks; somebody limited to some models or jurisdictions gets only entries in scope.
    selection : Selection, optional
        Which entries.
    payloads : bool
        Whether to open the personal payloads; takes one more permission.
    progress : callable
        Gets the share done.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If the target is there already.
    """
    access.require(actor, Permission.audit_export)
    if payloads:
        access.require(actor, Permission.personal_export)
    access.require_recent(workspace, actor)
    if target.exists():
        raise InvalidInput(
            N_("{path} exists already."),
            remedy=N_("Name a new folder, or a new file that ends in .zip."),
            path=str(target),
        )
    chosen = selection or Selection()
    _tell(workspace, actor, chosen, payloads)
    last = make_checkpoint(workspace, actor=actor, reason="export")
    folder = target.with_name(f".{target.name}.partial")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        with workspace.store.read() as conn:
            keys = keyring_within(workspace, conn)
            writer = _Writer(conn, folder, last, actor, chosen, keys)
            writer.write(payloads, progress)
            _write_keys(folder, keys)
            _write_timestamps(workspace, conn, folder, last)
        _finish(workspace, folder, writer)
        _move(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return AuditExport(str(target), writer.count, writer.whole, last.size)


def _tell(workspace: Workspace, actor: Actor, chosen: Selection, payloads: bool) -> None:
    named = {name: value for name, value in asdict(chosen).items() if value}
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.exported",
            objects={},
            body={"selection": named, "payloads": payloads},
        )


class _Writer:
    """Writes the files that hold entries and proofs, up to the last checkpoint."""

    def __init__(
        self,
        conn: Connection,
        folder: Path,
        last: Checkpoint,
        actor: Actor,
        chosen: Selection,
        keys: Keyring,
    ) -> None:
        self.conn, self.folder, self.last = conn, folder, last
        self.actor, self.chosen, self.keys = actor, chosen, keys
        self.whole = actor.models is None and actor.jurisdictions is None and not chosen
        self.count = 0
        self._node = cache(lambda level, place: audit_tree.node(conn, level, place))
        self._kept = subjects.all_subjects(conn)

    def write(self, payloads: bool, progress: Callable[[float], None]) -> None:
        entries = self._all() if self.whole else self._selected()
        second = "leaves.bin" if self.whole else "proofs.jsonl"
        names = ["entries.jsonl", second, "erased.jsonl"]
        with ExitStack() as stack:
            lines, marks, erased = (
                stack.enter_context((self.folder / name).open("wb")) for name in names
            )
            opened = stack.enter_context(self._opened()) if payloads else None
            for entry in entries:
                lines.write(entry.canonical + b"\n")
                marks.write(self._mark(entry))
                self._write_personal(entry, erased, opened)
                self.count += 1
                if self.count % (10 * _PAGE) == 0:
                    progress(min(0.95, entry.sequence / self.last.size))
        self._write_checkpoints()

    def _opened(self) -> IO[bytes]:
        return (self.folder / "openings.jsonl").open("wb")

    def _all(self) -> Iterator[AuditEntry]:
        after = 0
        while page := audit.read(self.conn, after=after, limit=_PAGE):
            yield from (entry for entry in page if entry.sequence <= self.last.size)
            after = page[-1].sequence

    def _selected(self) -> Iterator[AuditEntry]:
        found = audit.matching(
            self.conn,
            kind=self.chosen.kind,
            actor=self.chosen.person,
            objects=self.chosen.objects,
            models=self.actor.models,
            jurisdictions=self.actor.jurisdictions,
            since=self.chosen.since,
            until=self.chosen.until,
        )
        yield from (entry for entry in found if entry.sequence <= self.last.size)

    def _mark(self, entry: AuditEntry) -> bytes:
        if self.whole:
            return leaf_hash(entry.canonical)
        proof = merkle.inclusion_proof(entry.sequence - 1, self.last.size, self._node)
        return _line({"sequence": entry.sequence, "hashes": [each.hex() for each in proof]})

    def _write_personal(
        self, entry: AuditEntry, erased: IO[bytes], opened: IO[bytes] | None
    ) -> None:
        if not entry.body.keys() >= COMMITTED:
            return
        subject = str(entry.body["subject"])
        if subject not in self._kept:
            erased.write(_line({"sequence": entry.sequence, "subject": subject}))
        elif opened is not None:
            place = entry.sequence
            for each in subjects.openings(self.conn, after=place - 1, until=place):
                record = {
                    "sequence": place,
                    "subject": each.subject_id,
                    "key": each.key.hex(),
                    "payload": each.payload.decode("utf-8"),
                }
                opened.write(_line(record))

    def _write_checkpoints(self) -> None:
        """Write the checkpoints, and the proofs that they are beginnings of the last one."""
        stored = checkpoints.list_checkpoints(self.conn, until=self.last.size)
        if not self.whole:
            near, far = stored[: _MOST_LINKED - 1], stored[_MOST_LINKED - 1 :]
            changes = set(self.keys.changes)
            stored = (*near, *(each for each in far[:-1] if each.size in changes), *far[-1:])
        linked = stored[-1:] if self.whole else stored
        with (self.folder / "checkpoints.jsonl").open("wb") as file:
            for each in reversed(stored):
                file.write(f"{anchor_line(parse_checkpoint(each.note))}\n".encode())
        with (self.folder / "consistency.jsonl").open("wb") as file:
            for each in reversed(linked):
                proof = merkle.consistency_proof(each.size, self.last.size, self._node)
                record = {
                    "first": each.size,
                    "second": self.last.size,
                    "hashes": [digest.hex() for digest in proof],
                }
                file.write(_line(record))


def _write_timestamps(
    workspace: Workspace, conn: Connection, folder: Path, last: Checkpoint
) -> None:
    """Write what a timestamp authority vouched for, the newest also as OpenSSL reads it."""
    kept = checkpoints.receipts(conn, until=last.size)
    if not kept:
        return
    with (folder / "timestamps.jsonl").open("wb") as file:
        for each in kept:
            token = base64.b64encode(each.receipt or b"").decode("ascii")
            file.write(_line({"size": each.size, "token": token}))
    newest = kept[-1]
    (stored,) = checkpoints.list_checkpoints(conn, until=newest.size, limit=1)
    (folder / "timestamp.note").write_bytes(stored.note.encode("utf-8"))
    (folder / "timestamp.tsr").write_bytes(newest.receipt or b"")
    authority = authority_of(workspace)
    if authority is not None:
        (folder / "timestamp-roots.pem").write_text(authority.certificates, encoding="utf-8")


def _write_keys(folder: Path, keys: Keyring) -> None:
    """Write the key in use, and if it ever changed, every key with its span."""
    (folder / "public-key.txt").write_text(f"{keys.current.text()}\n", encoding="utf-8")
    if not keys.changes:
        return
    with (folder / "keys.jsonl").open("wb") as file:
        for span in keys.spans:
            record = {"key": span.verifier.text(), "first": span.first, "last": span.last}
            file.write(_line(record))


def _finish(workspace: Workspace, folder: Path, writer: _Writer) -> None:
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    chosen = {name: value for name, value in asdict(writer.chosen).items() if value}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "origin": writer.last.origin,
        "size": writer.last.size,
        "root": writer.last.root.hex(),
        "entries": "all" if writer.whole else "selected",
        "selection": chosen,
        "count": writer.count,
        "made_at": instant_text(workspace.clock()),
        "files": files,
    }
    (folder / "manifest.json").write_bytes(canonical_bytes(manifest) + b"\n")


def _move(folder: Path, target: Path) -> None:
    if target.suffix != ".zip":
        folder.rename(target)
        return
    packed = folder.with_name(f"{folder.name}.zip")
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
        packed.rename(target)
    finally:
        packed.unlink(missing_ok=True)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
