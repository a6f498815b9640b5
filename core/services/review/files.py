"""Files with a case: taken by content, kept by hash, handed out as attachments, each on record.

Their bytes lie in the workspace's folder ``attachments``, one folder a case, under random names.
What a file is called and its hash may tell of the person: the trail commits to them under the
person's key.
"""

import re
import secrets
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import FINISHED, Action, CaseState
from core.errors import Conflict, Forbidden, InvalidInput, StorageError
from core.i18n import N_
from core.lake.files import finished_file
from core.services import access
from core.services.backup.loose_files import ATTACHMENTS, own_path, remove_loose_files
from core.services.review.changing import held_by_another, not_now, objects_of
from core.services.review.file_kinds import ENDINGS, kind_of
from core.services.review.rules import readable, require_no_developer
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from core.store.retention import tombstones
from core.store.review import cases, files, steps
from core.store.review.files import FileRecord
from core.store.review.records import CaseRecord

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 30
_UNSAFE = re.compile(r"[^\w.\- ]+")
_LONGEST_NAME = 120


def add_file(
    workspace: Workspace, case_id: int, name: str, content: bytes, *, actor: Actor
) -> FileRecord:
    """Put a file with a case: PDF, PNG, JPEG, text, CSV, e-mail, Excel or Word, up to 10 MB.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        With which case; it is not finished.
    name : str
        What it is called; its ending becomes that of what it is.
    content : bytes
        The whole file.
    actor : Actor
        Needs ``review.work``.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    InvalidInput
        If it is too large, or none of these kinds.
    Conflict
        If the case is finished, has its most files, or the person was erased.
    Forbidden
        If the actor develops the model: what bears a verdict out comes from others.
    """
    access.require(actor, Permission.review_work)
    kind = _checked(content, name)
    path = f"{case_id:06d}/{secrets.token_hex(16)}.bin"
    record = FileRecord(
        id=secrets.token_hex(16),
        case_id=case_id,
        name=_safe_name(name, kind),
        media_type=kind,
        bytes=len(content),
        sha256=sha256(content).hexdigest(),
        path=path,
        added_by=actor.user_id,
        added_at=workspace.clock(),
    )
    with workspace.store.read() as conn:
        found = _require_open(conn, case_id, actor)
        require_no_developer(conn, found, actor)
        _require_room(conn, found)
    target = folder_of(workspace) / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with finished_file(target) as partial:
        partial.write_bytes(content)
        partial.chmod(0o600)
    try:
        with workspace.store.begin() as conn:
            case = _require_open(conn, case_id, actor, lock=True)
            _require_room(conn, case)
            files.add(conn, record)
            cases.touch(conn, case_id)
            _tell(workspace, conn, actor, "review.file_added", case, record)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return record


def list_files(workspace: Workspace, case_id: int, *, actor: Actor) -> tuple[FileRecord, ...]:
    """Return the files of a case, the oldest first.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        readable(conn, cases.get(conn, case_id), actor)
        return files.of_case(conn, case_id)


def read_file(workspace: Workspace, file_id: str, *, actor: Actor) -> tuple[FileRecord, bytes]:
    """Return a file with its content; the trail says so before the first byte leaves.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not look at cases, or at personal data, or has to say again who they are.
    NotFound
        If there is no such file in the actor's scope.
    StorageError
        If it is not what was put there.
    """
    access.require(actor, Permission.review_view)
    access.require(actor, Permission.personal_reveal)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        record = files.get(conn, file_id)
        case = readable(conn, cases.get(conn, record.case_id), actor)
        content = _content(workspace, record)
        _tell(workspace, conn, actor, "review.file_read", case, record)
    return record, content


def require_reader(workspace: Workspace, *, actor: Actor) -> None:
    """Let an actor pass whom :func:`read_file` hands files of a case out to.

    Raises
    ------
    Forbidden, StepUpNeeded
        As for :func:`read_file`.
    """
    access.require(actor, Permission.review_view)
    access.require(actor, Permission.personal_reveal)
    access.require_recent(workspace, actor)


def removable_files(workspace: Workspace, case_id: int, *, actor: Actor) -> tuple[FileRecord, ...]:
    """Return the files of a case that an actor may remove now, the oldest first.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    if not allows(actor, Permission.review_work):
        return ()
    leads = allows(actor, Permission.review_manage)
    with workspace.store.read() as conn:
        try:
            case = _require_open(conn, case_id, actor)
            _require_in_work(conn, case, actor)
        except Conflict:
            return ()
        found, said = files.of_case(conn, case_id), _last_proposed(conn, case_id)
    return tuple(
        each
        for each in found
        if (leads or each.added_by == actor.user_id) and not _is_evidence(each, said)
    )


def remove_file(workspace: Workspace, file_id: str, *, actor: Actor) -> None:
    """Remove a file and its bytes, as if it had been put with the wrong case.

    While somebody decides the case, only that person does; once a verdict is proposed, nobody. The
    trail keeps that it was there: its id, size and kind, and under the person's key its name and
    hash.

    Raises
    ------
    NotFound
        If there is no such file in the actor's scope.
    Forbidden
        If somebody else put it there, and the actor does not lead the team.
    Conflict
        If the case is not open, or in the actor's own hands to be decided, or a verdict was ever
        proposed with the file there: what a verdict was made on stays, sent back or not.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        record = files.get(conn, file_id)
        case = _require_open(conn, record.case_id, actor, lock=True)
        _require_in_work(conn, case, actor)
        if _is_evidence(record, _last_proposed(conn, case.id)):
            raise Conflict(
                N_("A verdict was proposed when this file lay with the case: it stays."),
                remedy=N_("Say in a comment what is wrong with it."),
            )
        if record.added_by != actor.user_id:
            _require_lead(actor)
        cases.touch(conn, case.id)
        files.mark_removed(conn, file_id, at=workspace.clock(), name="")
        _tell(workspace, conn, actor, "review.file_removed", case, record)
    remove_loose_files(workspace.settings.home, [f"{ATTACHMENTS}/{record.path}"])


def folder_of(workspace: Workspace) -> Path:
    """Return the folder of all attachments."""
    return workspace.settings.home / ATTACHMENTS


def _require_lead(actor: Actor) -> None:
    try:
        access.require(actor, Permission.review_manage)
    except Forbidden as error:
        raise Forbidden(
            N_("Somebody else put this file here."), remedy=N_("Ask them, or the team's lead.")
        ) from error


def _checked(content: bytes, name: str) -> str:
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidInput(
            N_("The file is empty, or larger than {most} MB."),
            remedy=N_("Split it, or hand in the pages that matter."),
            most=MOST_BYTES // 1024**2,
        )
    kind = kind_of(content, name)
    if kind is None:
        raise InvalidInput(
            N_("This is none of the kinds of files that are taken, whatever it is called."),
            remedy=N_("Hand in {kinds}, without programs in it."),
            kinds=", ".join(each.removeprefix(".") for each in ENDINGS.values()),
        )
    return kind


def _safe_name(name: str, kind: str) -> str:
    stem = Path(name.replace("\\", "/")).name
    stem = _UNSAFE.sub("_", stem.rsplit(".", maxsplit=1)[0]).strip(" ._") or "file"
    return stem[:_LONGEST_NAME] + ENDINGS[kind]


def _require_open(
    conn: Connection, case_id: int, actor: Actor, *, lock: bool = False
) -> CaseRecord:
    case = readable(conn, cases.get(conn, case_id, lock=lock), actor)
    if case.state in FINISHED:
        raise Conflict(
            N_("The case is finished: its files stay as they are."),
            remedy=N_("Open the case of an appeal, if there is one."),
        )
    if tombstones.is_erased(conn, case.subject_id, case.model_id):
        raise Conflict(
            N_("The person was erased; nothing about that person is recorded any more."),
            remedy=N_("Go on without it."),
        )
    return case


def _last_proposed(conn: Connection, case_id: int) -> datetime | None:
    """Return when a verdict on a case was proposed last, whatever became of it."""
    step = steps.newest(conn, case_id, Action.propose)
    return None if step is None else step.at


def _is_evidence(record: FileRecord, proposed_at: datetime | None) -> bool:
    return proposed_at is not None and record.added_at <= proposed_at


def _require_room(conn: Connection, case: CaseRecord) -> None:
    number, _ = files.bytes_of_case(conn, case.id)
    if number >= MOST_FILES:
        raise Conflict(
            N_("A case has at most {most} files."),
            remedy=N_("Remove one, or put several pages into one file."),
            most=MOST_FILES,
        )


def _require_in_work(conn: Connection, case: CaseRecord, holder: Actor) -> None:
    if case.state is CaseState.claimed and case.holder_id != holder.user_id:
        raise held_by_another(conn, case)
    if case.state not in {CaseState.open, CaseState.claimed}:
        raise not_now(case)


def _content(workspace: Workspace, record: FileRecord) -> bytes:
    path = own_path(workspace.settings.home, f"{ATTACHMENTS}/{record.path}")
    try:
        content = b"" if path is None else path.read_bytes()
    except FileNotFoundError:
        content = b""
    if sha256(content).hexdigest() != record.sha256:
        raise StorageError(
            N_("The file is not what was put with the case."),
            remedy=N_("Restore the workspace's folder 'attachments' from a backup."),
        )
    return content


def _tell(
    workspace: Workspace,
    conn: Connection,
    actor: Actor,
    kind: str,
    case: CaseRecord,
    record: FileRecord,
) -> None:
    about = None
    if not tombstones.is_erased(conn, case.subject_id, case.model_id):
        facts = {"file": record.id, "name": record.name, "sha256": record.sha256}
        about = PersonalPayload(case.subject_id, facts)
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects=objects_of(case),
        body={"file": record.id, "media_type": record.media_type, "bytes": record.bytes},
        personal=about,
    )
