"""What a job is, and finding jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.errors import NotFound
from core.store.tables import JOB_STATES, job

_ACTIVE = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Parameters
    ----------
    id, kind : str
        Key, and what is to be done.
    model_id : str, optional
        The model it is about.
    payload : Mapping
        What the kind of job needs to know, as JSON.
    state : {"queued", "running", "done", "failed"}
        Where it stands.
    progress : float
        Share done, 0 to 1.
    note : str
        What it is doing, for the reader.
    lease_owner, lease_until : str, datetime, optional
        The worker that runs it, and until when its word counts.
    attempts, max_attempts : int
        How often it was claimed, and how often it may be.
    not_before : datetime
        Earliest moment of the next attempt.
    dedupe_key : str, optional
        No two active jobs have the same.
    created_at, created_by : datetime, str
        When and by whom it was ordered.
    started_at, finished_at : datetime, optional
        When it was last claimed, and when it ended.
    result : Mapping, optional
        What it made, as JSON.
    error : str
        Why the last attempt failed; otherwise empty.
    """

    id: str
    kind: str
    model_id: str | None
    payload: Mapping[str, object]
    state: str
    progress: float
    note: str
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    max_attempts: int
    not_before: datetime
    dedupe_key: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, object] | None
    error: str

    @property
    def is_active(self) -> bool:
        """Whether it waits for the worker, or is being done."""
        return self.state in _ACTIVE


def find(conn: Connection, job_id: str) -> Job | None:
    """Return a job, or ``None``."""
    row = conn.execute(select(job).where(job.c.id == job_id)).one_or_none()
    return None if row is None else Job(**row._mapping)


def get(conn: Connection, job_id: str) -> Job:
    """Return a job.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    found = find(conn, job_id)
    if found is None:
        raise NotFound("There is no job {job}.", remedy="Look it up in the list.", job=job_id)
    return found


def find_active(conn: Connection, dedupe_key: str) -> Job | None:
    """Return the queued or running job of a ``dedupe_key``; ``None`` if there is none."""
    query = select(job).where(job.c.dedupe_key == dedupe_key, job.c.state.in_(_ACTIVE))
    row = conn.execute(query).one_or_none()
    return None if row is None else Job(**row._mapping)


def list_jobs(
    conn: Connection,
    *,
    models: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    states: Iterable[str] | None = None,
    dedupe_key: str | None = None,
    created_by: str | None = None,
    limit: int = 100,
) -> tuple[Job, ...]:
    """Return jobs, the newest first, narrowed by what is given; ``None`` means all.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    models : iterable of str, optional
        Of these models.
    kinds : iterable of str, optional
        Of these kinds.
    states : iterable of str, optional
        In these states.
    dedupe_key : str, optional
        With this key.
    created_by : str, optional
        Ordered by this pseudonym.
    limit : int
        How many at most.
    """
    query = select(job)
    if models is not None:
        query = query.where(job.c.model_id.in_(list(models)))
    if kinds is not None:
        query = query.where(job.c.kind.in_(list(kinds)))
    if states is not None:
        query = query.where(job.c.state.in_(list(states)))
    if dedupe_key is not None:
        query = query.where(job.c.dedupe_key == dedupe_key)
    if created_by is not None:
        query = query.where(job.c.created_by == created_by)
    rows = conn.execute(query.order_by(job.c.created_at.desc(), job.c.id.desc()).limit(limit))
    return tuple(Job(**row._mapping) for row in rows)


def count_by_state(conn: Connection) -> dict[str, int]:
    """Return the number of jobs in each state, zeros included."""
    rows = conn.execute(select(job.c.state, func.count()).group_by(job.c.state))
    found = {row.state: row[1] for row in rows}
    return {state: found.get(state, 0) for state in JOB_STATES}
