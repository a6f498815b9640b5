"""Ordering jobs, once each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from core.store.jobs.records import find, find_active
from core.store.rows import insert_if_absent
from core.store.tables import job

STOP = "stop"
"""In the payload of a job that somebody wants to stop."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What :func:`enqueue` answers: the job's id, and whether the job is new."""

    id: str
    created: bool


def enqueue(
    conn: Connection,
    *,
    job_id: str,
    kind: str,
    payload: Mapping[str, object],
    actor: str,
    at: datetime,
    model_id: str | None = None,
    dedupe_key: str | None = None,
    max_attempts: int = 3,
    not_before: datetime | None = None,
) -> Ticket:
    """Order a job, unless one with the same ``dedupe_key`` is queued or running.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    job_id, kind : str
        Key of the new job, and what is to be done.
    payload : Mapping
        JSON values for the worker.
    actor, at : str, datetime
        Who orders it, when.
    model_id : str, optional
        The model it is about.
    dedupe_key : str, optional
        Makes the order idempotent: the answer is then the active job's id.
    max_attempts : int
        How often it may be tried.
    not_before : datetime, optional
        Earliest start; now by default.
    """
    values = {
        "id": job_id,
        "kind": kind,
        "model_id": model_id,
        "payload": dict(payload),
        "state": "queued",
        "progress": 0.0,
        "note": "",
        "attempts": 0,
        "max_attempts": max_attempts,
        "not_before": not_before or at,
        "dedupe_key": dedupe_key,
        "created_at": at,
        "created_by": actor,
        "error": "",
    }
    while not insert_if_absent(conn, job, values):
        other = find_active(conn, dedupe_key) if dedupe_key is not None else None
        other = other or find(conn, job_id)
        if other is not None:
            return Ticket(other.id, created=False)
    return Ticket(job_id, created=True)


def ask_to_stop(conn: Connection, job_id: str) -> bool:
    """Note in a queued or running job that somebody wants it to stop; return whether it is one.

    Whoever does the job asks :func:`is_to_stop` between its steps.
    """
    found = find(conn, job_id)
    if found is None or not found.is_active:
        return False
    conn.execute(
        update(job).where(job.c.id == job_id).values(payload={**found.payload, STOP: True})
    )
    return True


def is_to_stop(conn: Connection, job_id: str) -> bool:
    """Whether somebody wants a job to stop."""
    found = find(conn, job_id)
    return found is not None and bool(found.payload.get(STOP))
