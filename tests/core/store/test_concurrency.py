"""Real processes racing for the same rows, and one killed in the middle, on both databases."""

import pytest

from core.store import Store, jobs, manifest, models, settings
from core.store.audit import trail as audit
from tests.support.fakes import START
from tests.support.processes import Racers, run_until_killed

WRITERS = 4


@pytest.fixture
def with_model(store: Store) -> Store:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="id: m", actor="t", at=START)
    return store


def test_four_writers_of_fifty_increments_lose_none(
    store: Store, store_url: str, racers: Racers
) -> None:
    with store.begin() as conn:
        settings.put(conn, "count", 0)
    racers.run("increment", [(store_url, 50)] * WRITERS)
    with store.read() as conn:
        assert settings.get(conn, "count") == 200


def test_four_writers_leave_an_audit_trail_without_gaps(
    store: Store, store_url: str, racers: Racers
) -> None:
    answers = racers.run("append_audit", [(store_url, writer, 25) for writer in range(WRITERS)])
    with store.read() as conn:
        entries = audit.read(conn)
        assert audit.size(conn) == 100
    assert [entry.sequence for entry in entries] == list(range(1, 101))
    for writer, sequences in enumerate(answers):
        mine = [entry for entry in entries if entry.actor == f"writer-{writer}"]
        assert [entry.sequence for entry in mine] == sequences
        assert [entry.body["turn"] for entry in mine] == list(range(25))


def test_each_job_goes_to_one_worker(store: Store, store_url: str, racers: Racers) -> None:
    ids = [f"job-{number:02d}" for number in range(40)]
    with store.begin() as conn:
        for job_id in ids:
            jobs.enqueue(conn, job_id=job_id, kind="k", payload={}, actor="t", at=START)
    claimed = racers.run("claim_all", [(store_url, f"worker-{n}") for n in range(WRITERS)])
    assert sorted(job_id for mine in claimed for job_id in mine) == ids
    with store.read() as conn:
        assert all(job.attempts == 1 for job in jobs.list_jobs(conn))


def test_the_same_job_ordered_by_four_at_once_is_one(
    store: Store, store_url: str, racers: Racers
) -> None:
    tickets = racers.run("enqueue", [(store_url, f"job-{n}") for n in range(WRITERS)])
    assert sum(created for _, created in tickets) == 1
    assert len({job_id for job_id, _ in tickets}) == 1


def test_one_of_four_publications_on_the_same_generation_wins(
    with_model: Store, store_url: str, racers: Racers
) -> None:
    won = racers.run("publish_once", [(store_url, writer) for writer in range(WRITERS)])
    assert sum(won) == 1
    with with_model.read() as conn:
        files = manifest.files_at(conn, "m", manifest.generation(conn, "m"))
    assert [file.path for file in files] == [f"w{won.index(True)}.parquet"]


def test_losers_that_begin_again_lose_nothing(
    with_model: Store, store_url: str, racers: Racers
) -> None:
    racers.run("publish_until_done", [(store_url, writer, 10) for writer in range(WRITERS)])
    with with_model.read() as conn:
        files = manifest.files_at(conn, "m", 40)
        assert manifest.generation(conn, "m") == 40
        assert audit.size(conn) == 40
    assert sorted(file.added_generation for file in files) == list(range(1, 41))
    assert {file.path for file in files} == {
        f"w{writer}-{turn}.parquet" for writer in range(WRITERS) for turn in range(10)
    }


@pytest.mark.parametrize(("work", "kept"), [("die_before_commit", 0), ("die_after_commit", 1)])
def test_a_killed_process_leaves_the_whole_transaction_or_nothing(
    with_model: Store, store_url: str, work: str, kept: int
) -> None:
    run_until_killed(work, store_url)
    with with_model.read() as conn:
        assert settings.get(conn, "half", False) is bool(kept)
        assert manifest.generation(conn, "m") == kept
        assert len(manifest.kept_files(conn)) == kept
        assert audit.size(conn) == len(audit.read(conn)) == kept
    with with_model.begin() as conn:
        settings.put(conn, "usable", True)
