from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import LostLease, NotFound
from core.store import Store, batches, models
from core.store.batches import BatchCounts, BatchSource
from tests.support.fakes import START

SHA = "a" * 64


@pytest.fixture
def opened(store: Store) -> Store:
    """A store with models m and n, and batch b1 of m being written."""
    with store.begin() as conn:
        for model_id in ("m", "n"):
            models.register(conn, model_id=model_id, spec_text="", actor="t", at=START)
    open_batch(store, "b1")
    return store


def open_batch(
    store: Store, batch_id: str, *, model_id: str = "m", at: datetime = START, sha256: str = SHA
) -> None:
    with store.begin() as conn:
        batches.open_batch(
            conn, batch_id=batch_id, model_id=model_id, stream="predictions", actor="ada", at=at
        )
        batches.add_sources(conn, batch_id, [BatchSource(0, "log\x00.csv", sha256, 10, 3)])


def test_a_batch_that_is_published(opened: Store) -> None:
    done = START + timedelta(minutes=2)
    with opened.begin() as conn:
        batches.finish(
            conn,
            "b1",
            "published",
            at=done,
            counts=BatchCounts(read=10, stored=7, skipped=2, quarantined=1),
            undeclared=["x", "nul\x00"],
            first_time=START - timedelta(days=2),
            last_time=START - timedelta(days=1),
        )
    with opened.read() as conn:
        stored = batches.get(conn, "b1")
        assert batches.sources(conn, "b1") == (BatchSource(0, "log\ufffd.csv", SHA, 10, 3),)
    assert stored == batches.Batch(
        id="b1",
        model_id="m",
        stream="predictions",
        state="published",
        actor="ada",
        started_at=START,
        heartbeat_at=done,
        finished_at=done,
        rows_read=10,
        rows_stored=7,
        rows_skipped=2,
        rows_quarantined=1,
        undeclared=("x", "nul\x00"),
        message="",
        first_time=START - timedelta(days=2),
        last_time=START - timedelta(days=1),
    )


def test_a_batch_ends_only_once(opened: Store) -> None:
    with opened.begin() as conn:
        batches.finish(conn, "b1", "failed", at=START, message="disk \x00 full")
    for late in ("published", "skipped", "failed"):
        with pytest.raises(LostLease, match="no longer being written"), opened.begin() as conn:
            batches.finish(conn, "b1", late, at=START)
    with pytest.raises(LostLease), opened.begin() as conn:
        batches.heartbeat(conn, "b1", at=START)
    with opened.read() as conn:
        assert batches.get(conn, "b1").message == "disk \ufffd full"


def test_a_batch_without_a_sign_of_life_expires_and_its_writer_learns_of_it(opened: Store) -> None:
    open_batch(opened, "b2")
    later = START + timedelta(minutes=10)
    with opened.begin() as conn:
        batches.heartbeat(conn, "b2", at=later)
        assert batches.expire(conn, stale_before=START, at=later) == ()
        assert batches.expire(conn, stale_before=later, at=later) == ("b1",)
        assert batches.expire(conn, stale_before=later, at=later) == ()
    with pytest.raises(LostLease), opened.begin() as conn:
        batches.finish(conn, "b1", "published", at=later)
    with opened.read() as conn:
        assert batches.count_by_state(conn) == {
            "writing": 1,
            "published": 0,
            "skipped": 0,
            "failed": 0,
            "expired": 1,
        }
        assert batches.count_by_state(conn, "n")["expired"] == 0
        expired = batches.list_batches(
            conn, states=["expired"], finished_before=later + timedelta(hours=24)
        )
        assert [batch.id for batch in expired] == ["b1"]
        assert batches.list_batches(conn, states=["expired"], finished_before=later) == ()


def test_lists_are_newest_first_and_narrowed(opened: Store) -> None:
    open_batch(opened, "b2", at=START + timedelta(minutes=1))
    open_batch(opened, "b3", at=START + timedelta(minutes=2), model_id="n")
    with opened.read() as conn:

        def ids(**conditions: object) -> list[str]:
            found = batches.list_batches(conn, **conditions)  # type: ignore[arg-type]
            return [batch.id for batch in found]

        assert ids() == ["b3", "b2", "b1"]
        assert ids(models={"m"}) == ["b2", "b1"]
        assert ids(models=set()) == []
        assert ids(streams={"outcomes"}) == []
        assert ids(limit=1, offset=1) == ["b2"]
        assert ids(limit=None) == ["b3", "b2", "b1"]


def test_content_published_before_is_recognised(opened: Store) -> None:
    with opened.begin() as conn:

        def known(model_id: str = "m", stream: str = "predictions") -> str | None:
            return batches.published_with_source(conn, model_id=model_id, stream=stream, sha256=SHA)

        assert known() is None
        batches.finish(conn, "b1", "published", at=START)
        assert known() == "b1"
        assert known(model_id="n") is None
        assert known(stream="outcomes") is None


def test_a_batch_without_files_has_no_sources(opened: Store) -> None:
    with opened.begin() as conn:
        batches.open_batch(
            conn, batch_id="b2", model_id="m", stream="outcomes", actor="t", at=START
        )
        batches.add_sources(conn, "b2", [])
        assert batches.sources(conn, "b2") == ()


def test_a_batch_nobody_opened(opened: Store) -> None:
    with opened.read() as conn:
        assert batches.find(conn, "ghost") is None
        with pytest.raises(NotFound, match="no batch ghost"):
            batches.get(conn, "ghost")


def test_the_database_refuses_a_batch_of_no_model_or_no_stream(opened: Store) -> None:
    for model_id, stream in (("ghost", "predictions"), ("m", "rumours")):
        with pytest.raises(IntegrityError), opened.begin() as conn:
            batches.open_batch(
                conn, batch_id="b9", model_id=model_id, stream=stream, actor="t", at=START
            )
