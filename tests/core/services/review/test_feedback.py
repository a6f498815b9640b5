"""Verdicts in the decisions stream: each once, whatever is interrupted."""

from pathlib import Path

import pytest

from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.services.review import feedback
from core.store import Store, manifest, models
from core.store.audit import trail as audit
from core.store.review import feeding
from tests.support.reviewing import MODEL, OVERTURN, UPHOLD, Desk, a_desk

COLUMNS = "prediction_id, kind, decision, decided_by, reason, version, epoch_us(time)"


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    return a_desk(sqlite_store, tmp_path)


def stream(desk: Desk) -> list[tuple[object, ...]]:
    with desk.workspace.store.read() as conn:
        record = models.get(conn, MODEL)
        files = manifest.files_at(
            conn, MODEL, record.lake_generation, kinds=["data"], streams=["decisions"]
        )
    paths = [str(each) for each in desk.workspace.lake_paths(files)]
    if not paths:
        return []
    query = f"SELECT {COLUMNS} FROM read_parquet($paths) ORDER BY 1, 7"
    with desk.workspace.duck.cursor() as cursor:
        return cursor.execute(query, {"paths": paths}).fetchall()


def instant(desk: Desk) -> int:
    """Return microseconds since 1970 at the clock's instant."""
    return round(desk.clock.now.timestamp() * 1_000_000)


def test_a_final_verdict_is_a_row_of_the_stream_and_a_proposal_is_none(desk: Desk) -> None:
    desk.make(2)
    desk.decide("ada", UPHOLD)
    desk.decide("bo", OVERTURN)  # waits for somebody who checks it
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    pseudonym = desk["ada"].audit_name
    upheld = ("L000000", "human", "decline", pseudonym, "risk_confirmed", "1", instant(desk))
    assert stream(desk) == [upheld]
    desk.clock.advance(minutes=1)
    desk.check("lei")
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    overturned = (
        "L000001", "human", "approve", desk["bo"].audit_name, "data_wrong", "1", instant(desk),
    )  # fmt: skip
    assert stream(desk) == [upheld, overturned]
    assert feedback.feed_model(desk.workspace, MODEL) == 0
    with desk.workspace.store.read() as conn:
        told = [each.body for each in audit.read(conn) if each.kind == "review.fed"]
    assert told == [{"verdicts": 1}, {"verdicts": 1}]


@pytest.mark.parametrize("kind", ["control", "second"])
def test_what_only_measures_never_reaches_the_stream(desk: Desk, kind: str) -> None:
    desk.make(1, kind=kind, occasion=f"{kind}:1")
    desk.decide("ada", UPHOLD)
    with desk.workspace.store.read() as conn:
        assert feeding.models_waiting(conn) == ()
    assert feedback.feed_model(desk.workspace, MODEL) == 0
    assert stream(desk) == []


def test_stored_but_not_noted_is_done_again_without_a_second_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make(1)
    desk.decide("ada", UPHOLD)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(feedback, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            feedback.feed_model(desk.workspace, MODEL)
    assert len(stream(desk)) == 1
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    assert len(stream(desk)) == 1
    assert not list(desk.workspace.settings.scratch_dir.glob("review-*"))


def test_the_idle_worker_feeds_what_is_final(desk: Desk) -> None:
    desk.make(1)
    desk.decide("ada", UPHOLD)
    assert feedback.order_due_feeding(desk.workspace) == 1
    assert run_one(
        desk.workspace, {feedback.FEED_JOB: tasks.HANDLERS[feedback.FEED_JOB]}, owner="w"
    )
    assert len(stream(desk)) == 1
    assert feedback.order_due_feeding(desk.workspace) == 0
