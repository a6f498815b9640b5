"""The one worker process: takes jobs under a lease, does them, and looks into watched folders."""

import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from core.domain.identity import Actor, Role
from core.errors import HarbourlightError, LostLease
from core.services.workspace import Workspace
from core.store import jobs

LEASE = timedelta(seconds=60)
_BEAT_S = 15.0
_IDLE_S = 1.0

WORKER = Actor("worker", "worker", frozenset({Role.admin}), origin="worker")
Progress = Callable[[float, str], None]
Handler = Callable[[Workspace, jobs.Job, Progress], Mapping[str, object]]


def run_worker(
    workspace: Workspace,
    handlers: Mapping[str, Handler],
    *,
    stop: threading.Event,
    between: Callable[[Workspace], None] | None = None,
    between_s: float = 15.0,
) -> int:
    """Work until told to stop; return the number of jobs taken.

    Parameters
    ----------
    workspace : Workspace
        Whose jobs.
    handlers : mapping of str to callable
        What does each kind of job; other kinds are left in the queue.
    stop : Event
        Set it to end after the job at hand.
    between : callable, optional
        Called when idle, at most every ``between_s`` seconds: watched folders.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{workspace.new_id()}"
    taken, since = 0, between_s
    while not stop.is_set():
        if run_one(workspace, handlers, owner=owner):
            taken += 1
            continue
        if between is not None and since >= between_s:
            between(workspace)
            since = 0.0
        stop.wait(_IDLE_S)
        since += _IDLE_S
    return taken


def run_one(workspace: Workspace, handlers: Mapping[str, Handler], *, owner: str) -> bool:
    """Take and do one job; return whether there was one."""
    with workspace.store.begin() as conn:
        jobs.requeue_expired(conn, at=workspace.clock())
        job = jobs.claim(
            conn, owner=owner, at=workspace.clock(), lease=LEASE, kinds=tuple(handlers)
        )
    if job is None:
        return False
    try:
        with _renewed_lease(workspace, job.id, owner) as progress:
            result = handlers[job.kind](workspace, job, progress)
    except LostLease:
        return True
    except HarbourlightError as error:
        _fail(workspace, job.id, owner, str(error), retry=None, reason=_as_result(error))
    except Exception as error:  # a fault of ours: the job says so, the worker goes on
        detail = traceback.format_exception_only(error)[-1].strip()
        _fail(workspace, job.id, owner, detail, retry=timedelta(seconds=30))
    else:
        with workspace.store.begin() as conn:
            jobs.finish(conn, job.id, owner=owner, result=result, at=workspace.clock())
    return True


def error_of(job: jobs.Job) -> HarbourlightError | None:
    """Return the foreseen error that a job failed with, so that it can be translated."""
    found = job.result if job.state == "failed" and job.result else {}
    params = found.get("params")
    if "template" not in found or not isinstance(params, Mapping):
        return None
    return HarbourlightError(
        str(found["template"]), remedy=str(found.get("remedy", "")), **dict(params)
    )


def _as_result(error: HarbourlightError) -> Mapping[str, object]:
    params = {
        name: value if isinstance(value, int | float | str) else str(value)
        for name, value in error.params.items()
    }
    return {"template": error.template, "remedy": error.remedy, "params": params}


def _fail(
    workspace: Workspace,
    job_id: str,
    owner: str,
    error: str,
    *,
    retry: timedelta | None,
    reason: Mapping[str, object] | None = None,
) -> None:
    with workspace.store.begin() as conn:
        jobs.fail(
            conn,
            job_id,
            owner=owner,
            error=error,
            at=workspace.clock(),
            retry_after=retry,
            result=reason,
        )


@contextmanager
def _renewed_lease(workspace: Workspace, job_id: str, owner: str) -> Iterator[Progress]:
    """Renew the lease in the background while the job runs; yield how to tell its progress."""
    done = threading.Event()

    def tell(share: float | None = None, note: str | None = None) -> None:
        with workspace.store.begin() as conn:
            jobs.heartbeat(
                conn,
                job_id,
                owner=owner,
                at=workspace.clock(),
                lease=LEASE,
                progress=share,
                note=note,
            )

    def beat() -> None:
        while not done.wait(_BEAT_S):
            try:
                tell()
            except LostLease:
                return

    thread = threading.Thread(target=beat, name=f"lease-{job_id}", daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        done.set()
        thread.join()
