"""The worker's side of a job: claim, renew, finish, fail; and taking back what nobody renews."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, false, literal, select, update

from core.errors import LostLease
from core.store.jobs.records import Job
from core.store.tables import job
from core.store.types import Instant, clean_text

WORKER_GONE = "The worker stopped without a word."
_NO_LEASE = {"lease_owner": None, "lease_until": None}


def claim(
    conn: Connection,
    *,
    owner: str,
    at: datetime,
    lease: timedelta,
    kinds: Iterable[str] | None = None,
) -> Job | None:
    """Take the oldest job that is due; ``None`` if there is none. One worker wins each job.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    owner : str
        The worker, unique to the process and its start.
    at : datetime
        Now.
    lease : timedelta
        How long the worker's word counts without a renewal.
    kinds : iterable of str, optional
        Only jobs of these kinds.
    """
    due = select(job.c.id).where(job.c.state == "queued", job.c.not_before <= at)
    if kinds is not None:
        due = due.where(job.c.kind.in_(list(kinds)))
    oldest = (
        due.order_by(job.c.created_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = conn.execute(
        update(job)
        .where(job.c.id == oldest)
        .values(
            state="running",
            lease_owner=owner,
            lease_until=at + lease,
            attempts=job.c.attempts + 1,
            started_at=at,
            progress=0.0,
            note="",
        )
        .returning(*job.c)
    ).one_or_none()
    return None if row is None else Job(**row._mapping)


def heartbeat(
    conn: Connection,
    job_id: str,
    *,
    owner: str,
    at: datetime,
    lease: timedelta,
    progress: float | None = None,
    note: str | None = None,
) -> None:
    """Renew the lease, and say how far the work is.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    job_id, owner : str
        Which job, and who holds it.
    at : datetime
        Now.
    lease : timedelta
        How long the word counts from now.
    progress : float, optional
        Share done, 0 to 1; unchanged if not given.
    note : str, optional
        What is being done; unchanged if not given.

    Raises
    ------
    LostLease
        If the job is no longer the owner's: stop working on it.
    """
    values: dict[str, object] = {"lease_until": at + lease}
    if progress is not None:
        values["progress"] = min(max(progress, 0.0), 1.0)
    if note is not None:
        values["note"] = clean_text(note)
    _change(conn, job_id, owner, values)


def finish(
    conn: Connection, job_id: str, *, owner: str, result: Mapping[str, object], at: datetime
) -> None:
    """End a job well.

    Raises
    ------
    LostLease
        If the job is no longer the owner's; its result is not kept.
    """
    values = {"state": "done", "progress": 1.0, "result": dict(result), "error": ""}
    _change(conn, job_id, owner, {**values, "finished_at": at, **_NO_LEASE})


def fail(
    conn: Connection,
    job_id: str,
    *,
    owner: str,
    error: str,
    at: datetime,
    retry_after: timedelta | None = timedelta(minutes=1),
    result: Mapping[str, object] | None = None,
) -> str:
    """Note that an attempt failed; return ``"queued"`` if it is tried again, else ``"failed"``.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    job_id, owner : str
        Which job, and who holds it.
    error : str
        Why it failed, for the reader.
    at : datetime
        Now.
    retry_after : timedelta, optional
        Pause before the next attempt; ``None`` if another attempt is of no use.
    result : Mapping, optional
        The error in a form for programs, as JSON.

    Raises
    ------
    LostLease
        If the job is no longer the owner's.
    """
    again = _attempts_left() if retry_after is not None else false()
    pause = retry_after or timedelta(0)
    row = conn.execute(
        update(job)
        .where(*_held(job_id, owner))
        .values(
            error=clean_text(error),
            result=None if result is None else dict(result),
            **_retry_or_fail(again, at, at + pause),
        )
        .returning(job.c.state)
    ).one_or_none()
    if row is None:
        raise _lost(job_id)
    return str(row.state)


def requeue_expired(conn: Connection, *, at: datetime) -> tuple[str, ...]:
    """Take back the jobs whose lease ran out; return their ids.

    They are queued again, or failed after the last attempt.
    """
    again = _attempts_left()
    rows = conn.execute(
        update(job)
        .where(job.c.state == "running", job.c.lease_until < at)
        .values(error=WORKER_GONE, **_retry_or_fail(again, at, at))
        .returning(job.c.id)
    )
    return tuple(sorted(rows.scalars()))


def _attempts_left() -> ColumnElement[bool]:
    return job.c.attempts < job.c.max_attempts


def _held(job_id: str, owner: str) -> tuple[ColumnElement[bool], ...]:
    return job.c.id == job_id, job.c.state == "running", job.c.lease_owner == owner


def _change(conn: Connection, job_id: str, owner: str, values: Mapping[str, Any]) -> None:
    changed = conn.execute(update(job).where(*_held(job_id, owner)).values(**values))
    if changed.rowcount != 1:
        raise _lost(job_id)


def _retry_or_fail(again: ColumnElement[bool], at: datetime, next_at: datetime) -> dict[str, Any]:
    """Return the columns of a job that is queued again if ``again`` holds, else failed."""
    return {
        "state": case((again, "queued"), else_="failed"),
        "not_before": case((again, literal(next_at, Instant())), else_=job.c.not_before),
        "finished_at": case((again, None), else_=literal(at, Instant())),
        **_NO_LEASE,
    }


def _lost(job_id: str) -> LostLease:
    return LostLease(
        "The job {job} is no longer this worker's; another took it or it ended.",
        remedy="Nothing is to be done: the other's result counts.",
        job=job_id,
    )
