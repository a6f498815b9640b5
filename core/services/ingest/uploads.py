"""Uploads: a file out of the browser, checked, kept, and ingested by the worker."""

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.ingest.headers import check_header, parquet_shape
from core.ingest.readers.detect import format_of
from core.ingest.streams import shapes_of
from core.lake.files import finished_file
from core.services import access
from core.services.identity import users
from core.services.ingest.run import ingest_files, stream_named
from core.services.jobs import ordering
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import jobs, models

INGEST_JOB = "ingest"
MAX_BYTES = 25 * 1024**2
MAX_CELLS = 50_000_000


def upload(
    workspace: Workspace,
    model_id: str,
    name: str,
    content: bytes,
    *,
    stream: str = "predictions",
    actor: Actor,
    format: str | None = None,
    encoding: str | None = None,
) -> jobs.Ticket:
    """Take a file that was uploaded, and order its ingest from the worker.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    model_id : str
        Whose log.
    name : str
        The file's name on the sender's machine; shown, never used as a path.
    content : bytes
        The file.
    stream : {"predictions", "decisions", "outcomes"}
        What it holds.
    actor : Actor
        Who uploads.
    format, encoding : str, optional
        How it is read, where its bytes do not show it.

    Returns
    -------
    Ticket
        The job; the same file again while it waits gives the same one.

    Raises
    ------
    InvalidInput, UnreadableFile, MissingColumn
        If the file is too large, or is not a log of this model.
    """
    access.require(actor, Permission.ingest_run, model=model_id)
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            "{file} is larger than {limit} MB.",
            remedy="Ingest it with 'harbourlight ingest', or through a watched folder.",
            file=name,
            limit=MAX_BYTES // 1024**2,
        )
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
    shapes = shapes_of(contract, stream_named(stream))
    job_id = workspace.new_id()
    path = uploads_dir(workspace) / job_id / _plain_name(name)
    with finished_file(path) as partial:
        partial.write_bytes(content)
    try:
        _check_size(path, format)
        check_header(path, shapes, format, encoding)
    except InvalidInput:
        shutil.rmtree(path.parent)
        raise
    payload = {
        "path": str(path.relative_to(workspace.settings.home)),
        "name": path.name,
        "stream": stream,
        "format": format,
        "encoding": encoding,
        "user": actor.user_id,
    }
    digest = hashlib.sha256(content).hexdigest()
    ticket = ordering.order(
        workspace,
        INGEST_JOB,
        payload,
        actor=actor,
        permission=Permission.ingest_run,
        model_id=model_id,
        dedupe_key=f"{INGEST_JOB}:{model_id}:{stream}:{digest}",
        entry_kind="ingest.ordered",
        body={"stream": stream, "bytes": len(content), "sha256": digest},
        job_id=job_id,
    )
    if not ticket.created:
        shutil.rmtree(path.parent)
    return ticket


def upload_jobs(
    workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 5
) -> tuple[jobs.Job, ...]:
    """Return the actor's newest uploads to a model, in whatever state they are."""
    access.require(actor, Permission.ingest_view, model=model_id)
    with workspace.store.read() as conn:
        return jobs.list_jobs(
            conn, models=[model_id], kinds=[INGEST_JOB], created_by=actor.audit_name, limit=limit
        )


def ingest_upload(
    workspace: Workspace, job: jobs.Job, progress: Callable[[float, str], None]
) -> Mapping[str, object]:
    """Do the job that :func:`upload` ordered, as the person who uploaded; return the summary.

    It is done with the roles and the scope that the person has now. The file stays until the job
    has ended, because a job may be done twice.

    Raises
    ------
    Forbidden, NotFound
        If the person may not ingest any more, or has been disabled since.
    """
    payload: Mapping[str, Any] = job.payload
    path = workspace.settings.home / str(payload["path"])
    summary = ingest_files(
        workspace,
        job.model_id or "",
        [path],
        stream=payload["stream"],
        actor=users.actor_for(workspace, str(payload["user"]), "worker"),
        format=payload["format"],
        encoding=payload["encoding"],
        progress=progress,
    )
    return summary.to_dict()


def remove_finished_uploads(workspace: Workspace) -> int:
    """Remove the uploads whose job has ended, well or not; the worker does so when idle."""
    removed = 0
    for folder in sorted(uploads_dir(workspace).glob("*")):
        with workspace.store.read() as conn:
            job = jobs.find(conn, folder.name)
        if job is not None and job.state in {"done", "failed"}:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def uploads_dir(workspace: Workspace) -> Path:
    """Return the folder of uploads that wait, one folder a job."""
    return workspace.settings.home / "uploads"


def _check_size(path: Path, format_name: str | None) -> None:
    """Refuse a small file that claims to unpack into a huge table."""
    if format_of(path, format_name) != "parquet":
        return
    rows, columns = parquet_shape(path)
    if rows * len(columns) > MAX_CELLS:
        raise InvalidInput(
            "{file} claims {rows} rows of {columns} columns, too many for an upload.",
            remedy="Ingest it with 'harbourlight ingest', or through a watched folder.",
            file=path.name,
            rows=rows,
            columns=len(columns),
        )


def _plain_name(name: str) -> str:
    """Return a file name of letters, digits, dot, dash and underscore, without a leading dot."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^\w.-]+", "_", last).lstrip(".")[-100:] or "upload"
