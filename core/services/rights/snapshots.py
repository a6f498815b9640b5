"""What was held of a person when the request came in: frozen, hashed, sealed under our key.

A copy is of the data as at receipt; what was ingested later is not in it. The file can be read
with the workspace's key alone, and its hash stands in the trail.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.domain.identity import Actor, Permission
from core.errors import Conflict, StorageError
from core.i18n import N_
from core.lake.decisions.subject_rows import STREAMS, subject_rows
from core.lake.streams import identity_column
from core.services import access
from core.services.questions import parsed_contract
from core.services.rights.common import keep_step, reference_of, require_open, visible
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import batches, manifest, models
from core.store.audit.canonical import canonical_bytes
from core.store.rights.requests import RequestRecord

FORMAT = "harbourlight-subject-snapshot-1"
FOLDER = "requests"
_SEAL = "request-snapshot"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is known of a snapshot without its values.

    Parameters
    ----------
    sha256 : str
        Hash of the canonical JSON before it was sealed.
    taken_at, as_at : datetime
        When it was taken, and as at when.
    rows : mapping of str to int
        ``model: stream`` → rows.
    """

    sha256: str
    taken_at: datetime
    as_at: datetime
    rows: Mapping[str, int]


def freeze(workspace: Workspace, request_id: int, *, actor: Actor) -> Frozen:
    """Freeze all rows of a request's customer as they were known when it came in.

    Raises
    ------
    Conflict
        If it was frozen before, the request is closed, or the person was erased.
    NotFound
        If there is no such request in the actor's scope.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        _require_fresh(found)
        reference = reference_of(workspace, found)
    document = _document(workspace, found, reference)
    content = canonical_bytes(document)
    digest, path = sha256(content).hexdigest(), f"{found.id:06d}-{secrets.token_hex(16)}.sealed"
    target = workspace.settings.home / FOLDER / path
    _write(target, workspace.keys.seal(_SEAL, content))
    rows = _row_counts(document)
    try:
        with workspace.store.begin() as conn:
            now_found = visible(conn, request_id, actor)
            _require_fresh(now_found)
            at = workspace.clock()
            changes = {"snapshot_path": path, "snapshot_sha256": digest, "snapshot_at": at}
            body = {"sha256": digest, "bytes": len(content), "rows": rows}
            keep_step(workspace, conn, now_found, "snapshot", by=actor, body=body, changes=changes)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Frozen(digest, at, found.received_at, rows)


def read_snapshot(workspace: Workspace, found: RequestRecord) -> Mapping[str, Any]:
    """Return a frozen document, for services that have checked who asks.

    Raises
    ------
    Conflict
        If nothing was frozen, or it was removed with the person.
    StorageError
        If the file is not what was written.
    """
    if found.snapshot_path is None:
        raise Conflict(
            N_("The customer's data are not frozen yet."), remedy=N_("Freeze them first.")
        )
    path = workspace.settings.home / FOLDER / found.snapshot_path
    try:
        content = workspace.keys.unseal(_SEAL, path.read_bytes())
    except FileNotFoundError as error:
        raise Conflict(
            N_("The frozen data were removed: the person was erased, or their time was over."),
            remedy=N_("Answer that nothing is held."),
        ) from error
    if sha256(content).hexdigest() != found.snapshot_sha256:
        raise StorageError(
            N_("The frozen data of a request are not what was written."),
            remedy=N_("Restore the workspace's folder 'requests' from a backup."),
        )
    return dict(json.loads(content))


def _require_fresh(found: RequestRecord) -> None:
    if found.snapshot_path is not None:
        raise Conflict(
            N_("The customer's data are frozen already; they are never frozen twice."),
            remedy=N_("Go on with the frozen data."),
        )


@retry_when_stale
def _document(workspace: Workspace, found: RequestRecord, reference: str) -> dict[str, Any]:
    with workspace.store.read() as conn:
        records = (
            (models.get(conn, found.model_id),)
            if found.model_id is not None
            else models.list_models(conn, None)
        )
    return {
        "format": FORMAT,
        "as_at": found.received_at,
        "subject": found.subject_id,
        "models": [_of_model(workspace, each, reference, found.received_at) for each in records],
    }


def _of_model(
    workspace: Workspace, record: models.ModelRecord, reference: str, as_at: datetime
) -> dict[str, Any]:
    with workspace.store.read() as conn:
        files = manifest.files_at(
            conn, record.id, record.lake_generation, kinds=["data"], streams=STREAMS
        )
        later = [
            each.id
            for each in batches.list_batches(
                conn, models=[record.id], states=["published"], limit=None
            )
            if each.finished_at is not None and each.finished_at > as_at
        ]
    by_stream = {
        stream: workspace.lake_paths(file for file in files if file.stream == stream)
        for stream in STREAMS
    }
    column = identity_column(parsed_contract(record.spec_text))
    rows = subject_rows(workspace.duck, by_stream, column, reference, later=later)
    return {
        "model": record.id,
        "contract_sha256": record.spec_sha256,
        "generation": record.lake_generation,
        "streams": {
            stream: [{name: _plain(value) for name, value in row.items()} for row in found]
            for stream, found in rows.items()
        },
    }


def _plain(value: object) -> object:
    """Return a cell as JSON has it; a number that JSON has not, as text."""
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)
    known = value is None or isinstance(value, bool | int | float | str | datetime | date)
    return value if known else str(value)


def _row_counts(document: Mapping[str, Any]) -> dict[str, int]:
    return {
        f"{each['model']}: {stream}": len(rows)
        for each in document["models"]
        for stream, rows in each["streams"].items()
    }


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
