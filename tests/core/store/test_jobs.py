from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from core.errors import LostLease, NotFound
from core.store import Store, jobs, models
from core.store.tables import job as job_table
from tests.support.fakes import START, FakeClock

LEASE = timedelta(minutes=5)


def order(store: Store, job_id: str, at: datetime = START, **options: object) -> jobs.Ticket:
    values: dict[str, object] = {"kind": "report", "payload": {"sample": 100}, "actor": "ada"}
    with store.begin() as conn:
        return jobs.enqueue(conn, job_id=job_id, at=at, **(values | options))  # type: ignore[arg-type]


def claim(
    store: Store, owner: str = "w1", at: datetime = START, kinds: list[str] | None = None
) -> jobs.Job | None:
    with store.begin() as conn:
        return jobs.claim(conn, owner=owner, at=at, lease=LEASE, kinds=kinds)


def get(store: Store, job_id: str = "j1") -> jobs.Job:
    with store.read() as conn:
        return jobs.get(conn, job_id)


def test_the_life_of_a_job_that_goes_well(store: Store, clock: FakeClock) -> None:
    assert order(store, "j1") == jobs.Ticket("j1", created=True)
    claimed = claim(store)
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.attempts) == ("j1", "running", 1)
    assert (claimed.payload, claimed.result) == ({"sample": 100}, None)
    assert (claimed.lease_owner, claimed.lease_until) == ("w1", START + LEASE)
    with store.begin() as conn:
        now = clock.advance(minutes=1)
        jobs.heartbeat(conn, "j1", owner="w1", at=now, lease=LEASE, progress=0.5, note="half\x00")
        jobs.heartbeat(conn, "j1", owner="w1", at=now, lease=LEASE)
    running = get(store)
    assert (running.progress, running.note) == (0.5, "half\ufffd")
    assert running.lease_until == now + LEASE
    with store.begin() as conn:
        jobs.finish(conn, "j1", owner="w1", result={"path": "r.html"}, at=now)
    done = get(store)
    assert (done.state, done.progress, done.result) == ("done", 1.0, {"path": "r.html"})
    assert (done.lease_owner, done.lease_until, done.finished_at) == (None, None, now)


def test_progress_outside_its_range_is_brought_into_it(store: Store) -> None:
    order(store, "j1")
    claim(store)
    for said, kept in ((-1.0, 0.0), (1.5, 1.0)):
        with store.begin() as conn:
            jobs.heartbeat(conn, "j1", owner="w1", at=START, lease=LEASE, progress=said)
        assert get(store).progress == kept


def test_jobs_are_taken_in_order_when_due_and_of_the_wanted_kind(store: Store) -> None:
    order(store, "j1", kind="later", not_before=START + timedelta(hours=1))
    order(store, "j2", START + timedelta(seconds=2))
    order(store, "j3", START + timedelta(seconds=1))
    now = START + timedelta(minutes=1)
    assert claim(store, at=now, kinds=["compact"]) is None
    taken = [claim(store, at=now) for _ in range(3)]
    assert [each.id if each else None for each in taken] == ["j3", "j2", None]
    late = claim(store, at=START + timedelta(hours=1))
    assert late is not None
    assert late.id == "j1"


def test_one_active_job_per_key(store: Store) -> None:
    assert order(store, "j1", dedupe_key="k").created
    assert order(store, "j2", dedupe_key="k") == jobs.Ticket("j1", created=False)
    assert order(store, "j3", dedupe_key="other").created
    claim(store)
    assert order(store, "j2", dedupe_key="k") == jobs.Ticket("j1", created=False)
    with store.begin() as conn:
        active = jobs.find_active(conn, "k")
        assert active is not None
        assert active.id == "j1"
        jobs.finish(conn, "j1", owner="w1", result={}, at=START)
        assert jobs.find_active(conn, "k") is None
    assert order(store, "j2", dedupe_key="k") == jobs.Ticket("j2", created=True)
    assert order(store, "j2") == jobs.Ticket("j2", created=False)


def test_a_failed_attempt_is_repeated_after_a_pause_until_none_are_left(store: Store) -> None:
    order(store, "j1", max_attempts=2)
    claim(store)
    with store.begin() as conn:
        assert jobs.fail(conn, "j1", owner="w1", error="no\x00", at=START) == "queued"
    waiting = get(store)
    assert (waiting.state, waiting.error, waiting.finished_at) == ("queued", "no\ufffd", None)
    assert waiting.not_before == START + timedelta(minutes=1)
    assert claim(store) is None
    again = claim(store, at=waiting.not_before)
    assert again is not None
    assert again.attempts == 2
    with store.begin() as conn:
        assert jobs.fail(conn, "j1", owner="w1", error="no", at=START) == "failed"
    assert (get(store).state, get(store).finished_at) == ("failed", START)
    assert claim(store, at=START + timedelta(days=1)) is None


def test_an_error_that_no_repetition_mends(store: Store) -> None:
    order(store, "j1")
    claim(store)
    with store.begin() as conn:
        state = jobs.fail(conn, "j1", owner="w1", error="no", at=START, retry_after=None)
    assert state == "failed"


def test_a_worker_that_died_loses_its_job_to_another(store: Store) -> None:
    order(store, "j1", max_attempts=2)
    claim(store)
    late = START + LEASE + timedelta(seconds=1)
    with store.begin() as conn:
        assert jobs.requeue_expired(conn, at=START + LEASE) == ()
        assert jobs.requeue_expired(conn, at=late) == ("j1",)
    assert (get(store).state, get(store).error) == ("queued", jobs.WORKER_GONE)
    second = claim(store, "w2", late)
    assert second is not None
    assert second.attempts == 2
    with pytest.raises(LostLease, match="no longer this worker's"), store.begin() as conn:
        jobs.finish(conn, "j1", owner="w1", result={"stale": True}, at=late)
    with pytest.raises(LostLease), store.begin() as conn:
        jobs.heartbeat(conn, "j1", owner="w1", at=late, lease=LEASE)
    with pytest.raises(LostLease), store.begin() as conn:
        jobs.fail(conn, "j1", owner="w1", error="", at=late)
    with store.begin() as conn:
        assert jobs.requeue_expired(conn, at=late + 2 * LEASE) == ("j1",)
    assert (get(store).state, get(store).result) == ("failed", None)


def test_lists_and_counts(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="", actor="t", at=START)
    order(store, "j1", model_id="m", dedupe_key="k")
    order(store, "j2", START + timedelta(seconds=1), kind="compact")
    claim(store)
    with store.read() as conn:

        def ids(**conditions: object) -> list[str]:
            return [each.id for each in jobs.list_jobs(conn, **conditions)]  # type: ignore[arg-type]

        assert ids() == ["j2", "j1"]
        assert ids(limit=1) == ["j2"]
        assert ids(models={"m"}) == ["j1"]
        assert ids(kinds={"compact"}) == ["j2"]
        assert ids(states={"running"}) == ["j1"]
        assert ids(dedupe_key="k") == ["j1"]
        assert ids(created_by="ada") == ["j2", "j1"]
        assert ids(created_by="somebody") == []
        assert jobs.count_by_state(conn) == {"queued": 1, "running": 1, "done": 0, "failed": 0}
        with pytest.raises(NotFound, match="no job ghost"):
            jobs.get(conn, "ghost")


def test_the_database_refuses_a_running_job_that_nobody_holds(store: Store) -> None:
    order(store, "j1")
    with pytest.raises(IntegrityError), store.begin() as conn:
        conn.execute(update(job_table).values(state="running"))


def test_a_job_is_asked_to_stop_while_it_waits_or_runs(store: Store) -> None:
    order(store, "j1")
    with store.begin() as conn:
        assert not jobs.is_to_stop(conn, "j1")
        assert jobs.ask_to_stop(conn, "j1")
        assert jobs.is_to_stop(conn, "j1")
    claimed = claim(store)
    assert claimed is not None
    assert claimed.payload == {"sample": 100, "stop": True}
    with store.begin() as conn:
        assert jobs.ask_to_stop(conn, "j1")
        jobs.finish(conn, "j1", owner="w1", result={}, at=START)
    with store.begin() as conn:
        assert not jobs.ask_to_stop(conn, "j1")
        assert not jobs.ask_to_stop(conn, "nowhere")
        assert not jobs.is_to_stop(conn, "nowhere")
