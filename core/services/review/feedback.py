"""Final verdicts as rows of the decisions stream, which every metric reads.

The same verdict gives the same row, and the stream takes a row once: whatever is interrupted
between storing the rows and noting that they are stored is done again without harm.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from core.errors import StorageError
from core.i18n import N_
from core.lake.files import storage_errors
from core.services.ingest import ingest_files
from core.services.jobs.worker import WORKER, Progress
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import feeding
from core.store.review.records import CaseRecord

FEED_JOB = "review.feed"
KNOWN = "known"
"""Noted instead of a batch when the stream had every row already."""
_AT_ONCE = 5_000
_PAUSE = timedelta(minutes=10)
_COLUMNS = (
    "prediction_id",
    "decided_at",
    "kind",
    "decision",
    "decided_by",
    "policy_version",
    "reason",
    "version",
)


def feed_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do an order; return how many verdicts were fed."""
    progress(0.0, "")
    return {"verdicts": feed_model(workspace, str(job.payload["model"]))}


def feed_model(workspace: Workspace, model_id: str) -> int:
    """Put a model's new final verdicts into its decisions stream; return how many.

    A row says who decided by pseudonym, what, when, by which reason code and about which version;
    an appeal is of kind ``appeal``. Controls and second opinions are left out.

    Raises
    ------
    StorageError
        If the stream refused a verdict; none of these is noted as stored then.
    """
    fed = 0
    while True:
        with workspace.store.read() as conn:
            found = feeding.waiting(conn, model_id, limit=_AT_ONCE)
            rows = _rows(conn, found)
        if not found:
            return fed
        batch = _store(workspace, model_id, rows)
        fed += _note(workspace, model_id, found, batch)


def order_due_feeding(workspace: Workspace) -> int:
    """Order the feeding of every model that has new final verdicts; return of how many."""
    with workspace.store.read() as conn:
        due = [
            each
            for each in feeding.models_waiting(conn)
            if not _failed_lately(workspace, conn, each)
        ]
    for model_id in due:
        with workspace.store.begin() as conn:
            jobs.enqueue(
                conn,
                job_id=workspace.new_id(),
                kind=FEED_JOB,
                payload={"model": model_id},
                actor=WORKER.audit_name,
                at=workspace.clock(),
                model_id=model_id,
                dedupe_key=_key(model_id),
            )
    return len(due)


def _rows(conn: Connection, found: Sequence[CaseRecord]) -> list[tuple[str, ...]]:
    names = {each.id: each.pseudonym for each in users.list_users(conn)}
    return [
        (
            each.prediction_id,
            each.final_at.astimezone(UTC).isoformat() if each.final_at else "",
            "appeal" if each.kind == "appeal" else "human",
            each.final_decision or "",
            names.get(each.maker_id or "", ""),
            each.policy_version or "",
            each.reason_code or "",
            each.version,
        )
        for each in found
    ]


def _store(workspace: Workspace, model_id: str, rows: Sequence[tuple[str, ...]]) -> str:
    path = workspace.settings.scratch_dir / f"review-{workspace.new_id()}.parquet"
    try:
        with storage_errors():
            _write(path, rows)
        done = ingest_files(
            workspace, model_id, [path], stream="decisions", actor=WORKER, moves_time=False
        )
    finally:
        path.unlink(missing_ok=True)
    if done.quarantined:
        raise StorageError(
            N_("{count} verdicts of {model} were refused by its decisions stream."),
            remedy=N_("Look at the refused rows on the page Ingest, and mend the contract."),
            count=done.quarantined,
            model=model_id,
        )
    return done.batches[0] if done.batches else KNOWN


def _write(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    pq.write_table(pa.table({name: pa.array(each) for name, each in columns.items()}), path)


def _note(workspace: Workspace, model_id: str, found: Sequence[CaseRecord], batch: str) -> int:
    with workspace.store.begin() as conn:
        marked = feeding.mark(conn, [each.id for each in found], batch)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=WORKER.audit_name,
            role=WORKER.role_text,
            kind="review.fed",
            objects={"model": model_id, "batch": batch},
            body={"verdicts": marked},
        )
    return marked


def _failed_lately(workspace: Workspace, conn: Connection, model_id: str) -> bool:
    found = jobs.list_jobs(conn, dedupe_key=_key(model_id), states=["failed"], limit=1)
    ended = found[0].finished_at if found else None
    return ended is not None and workspace.clock() - ended < _PAUSE


def _key(model_id: str) -> str:
    return f"{FEED_JOB}:{model_id}"
