"""The worker does one job at a time, says how it went, and outlives a job that fails."""

import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core.errors import DiskFull, InvalidInput, StorageError
from core.services.jobs.worker import Handler, Progress, error_of, run_one, run_worker
from core.services.workspace import Workspace
from core.store import jobs


def order(workspace: Workspace, kind: str, **payload: object) -> str:
    with workspace.store.begin() as conn:
        return jobs.enqueue(
            conn,
            job_id=workspace.new_id(),
            kind=kind,
            payload=payload,
            actor="tester",
            at=workspace.clock(),
        ).id


def state(workspace: Workspace, job_id: str) -> jobs.Job:
    with workspace.store.read() as conn:
        return jobs.get(conn, job_id)


def add(_workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    progress(0.5, "half-way")
    numbers = job.payload["numbers"]
    assert isinstance(numbers, list)
    return {"sum": sum(numbers)}


def test_a_job_is_done_and_its_result_kept(workspace: Workspace) -> None:
    job_id = order(workspace, "add", numbers=[1, 2, 3])
    assert run_one(workspace, {"add": add}, owner="w1")
    done = state(workspace, job_id)
    assert (done.state, done.result, done.progress) == ("done", {"sum": 6}, 1.0)
    assert not run_one(workspace, {"add": add}, owner="w1")


def test_kinds_without_a_handler_stay_in_the_queue(workspace: Workspace) -> None:
    job_id = order(workspace, "unknown")
    assert not run_one(workspace, {"add": add}, owner="w1")
    assert state(workspace, job_id).state == "queued"


def refuse(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    raise InvalidInput("{days} is empty.", remedy="Choose another.", days=("Monday",))


def crash(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("handler", "expected", "error"),
    [
        (refuse, "failed", "('Monday',) is empty. Choose another."),
        (crash, "queued", "ZeroDivisionError at tests/core/services/jobs/test_worker.py:"),
    ],
)
def test_a_failure_is_told_and_only_the_unforeseen_is_tried_again(
    workspace: Workspace, handler: Handler, expected: str, error: str
) -> None:
    job_id = order(workspace, "bad")
    assert run_one(workspace, {"bad": handler}, owner="w1")
    after = state(workspace, job_id)
    assert after.state == expected
    assert str(after.error).startswith(error)
    foreseen = error_of(after)
    assert (foreseen is None) == (handler is crash)
    assert foreseen is None or str(foreseen) == error


def test_the_loop_ends_when_told_and_looks_around_when_idle(workspace: Workspace) -> None:
    order(workspace, "add", numbers=[1])
    order(workspace, "add", numbers=[2])
    stop = threading.Event()
    looks: list[int] = []

    def look(_workspace: Workspace) -> None:
        looks.append(1)
        stop.set()

    assert run_worker(workspace, {"add": add}, stop=stop, between=look) == 2
    assert looks == [1]


def lose(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    with _workspace.store.begin() as conn:
        later = _workspace.clock() + timedelta(hours=1)
        jobs.requeue_expired(conn, at=later)
        jobs.claim(conn, owner="w2", at=later, lease=timedelta(minutes=1))
    return {}


def test_a_job_that_another_worker_took_is_left_to_it(workspace: Workspace) -> None:
    job_id = order(workspace, "slow")
    assert run_one(workspace, {"slow": lose}, owner="w1")
    after = state(workspace, job_id)
    assert (after.state, after.lease_owner) == ("running", "w2")


def full(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    raise DiskFull("No space is left.", remedy="Free some.")


def test_a_fault_of_storage_is_tried_again(workspace: Workspace) -> None:
    job_id = order(workspace, "big")
    assert run_one(workspace, {"big": full}, owner="w1")
    after = state(workspace, job_id)
    assert (after.state, after.error) == ("queued", "No space is left. Free some.")


def test_a_database_that_does_not_answer_does_not_end_the_worker(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    calls: list[int] = []

    def busy(*_args: object, **_options: object) -> bool:
        calls.append(1)
        if len(calls) == 2:
            stop.set()
        raise StorageError("The state database is busy.")

    monkeypatch.setattr("core.services.jobs.worker.run_one", busy)
    monkeypatch.setattr("core.services.jobs.worker._IDLE_S", 0.01)
    assert run_worker(workspace, {}, stop=stop) == 0
    assert len(calls) == 2


def test_the_lease_is_renewed_past_a_fault_of_storage(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[str] = []
    real = jobs.heartbeat

    def heartbeat(*args: Any, **options: Any) -> None:
        beats.append("beat")
        if len(beats) == 1:
            raise StorageError("The state database is busy.")
        real(*args, **options)

    def wait(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
        deadline = time.monotonic() + 10
        while len(beats) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        return {"beats": len(beats)}

    monkeypatch.setattr("core.services.jobs.worker._BEAT_S", 0.02)
    monkeypatch.setattr(jobs, "heartbeat", heartbeat)
    job_id = order(workspace, "long")
    assert run_one(workspace, {"long": wait}, owner="w1")
    after = state(workspace, job_id)
    assert after.state == "done"
    assert len(beats) >= 3
