"""The one worker process: takes jobs under a lease, does them, and looks into watched folders."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta

from core.domain.identity import Actor, Role
from core.errors import HarbourlightError, LostLease, StorageError
from core.services.workspace import Workspace
from core.store import jobs
from core.unforeseen import headline_of

LEASE = timedelta(seconds=60)
_LOG = logging.getLogger(__name__)
_BEAT_S = 15.0
_PAUSE = timedelta(seconds=30)
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
        Called when idle: watched folders, and what is due.
    between_s : float
        Seconds between two such calls at the least.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{workspace.new_id()}"
    taken, since = 0, between_s
    while not stop.is_set():
        try:
            if run_one(workspace, handlers, owner=owner):
                taken += 1
                continue
        except StorageError as error:
            _LOG.warning("the state database did not answer: %s", error)
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
    with suppress(LostLease):  # another worker has the job, and the last word on it
        _do(workspace, handlers[job.kind], job, owner)
    return True


def _do(workspace: Workspace, handler: Handler, job: jobs.Job, owner: str) -> None:
    try:
        with _renewed_lease(workspace, job.id, owner) as progress:
            result = handler(workspace, job, progress)
    except LostLease:
        raise
    except StorageError as error:  # a full disk or a busy database may pass
        _fail(workspace, job.id, owner, str(error), retry=_PAUSE, reason=_as_result(error))
    except HarbourlightError as error:
        _fail(workspace, job.id, owner, str(error), retry=None, reason=_as_result(error))
    except Exception as error:  # a fault of ours: the job says so, the worker goes on
        _fail(workspace, job.id, owner, headline_of(error), retry=_PAUSE)
    else:
        with workspace.store.begin() as conn:
            jobs.finish(conn, job.id, owner=owner, result=result, at=workspace.clock())


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
            except StorageError as error:
                _LOG.warning("the lease of job %s was not renewed: %s", job_id, error)

    thread = threading.Thread(target=beat, name=f"lease-{job_id}", daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        done.set()
        thread.join()
