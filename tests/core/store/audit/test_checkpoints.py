from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from core.store import Store
from core.store.audit import checkpoints
from core.store.audit.checkpoints import Anchor, StoredCheckpoint
from tests.support.fakes import START

SIZES = (5, 3, 9)


def checkpoint(size: int, note: str = "note") -> StoredCheckpoint:
    return StoredCheckpoint(size, bytes([size]) * 32, START, "command", f"{note} {size}")


def anchor(
    size: int, kind: str = "path", target: str = "/a", state: str = "done", **more: bytes
) -> Anchor:
    return Anchor(size, kind, target, state, "", START + timedelta(hours=size), **more)


@pytest.fixture
def kept(store: Store) -> Store:
    with store.begin() as conn:
        for size in SIZES:
            checkpoints.put(conn, checkpoint(size))
    return store


def test_nothing_is_kept_in_a_new_workspace(sqlite_store: Store) -> None:
    with sqlite_store.read() as conn:
        assert checkpoints.newest(conn) is None
        assert checkpoints.newest_anchored(conn) is None
        assert checkpoints.covering(conn, 1) is None
        assert checkpoints.list_checkpoints(conn) == ()
        assert checkpoints.count(conn) == 0
        assert checkpoints.receipts(conn) == ()


def test_a_size_has_one_checkpoint_the_first_one(kept: Store) -> None:
    refused = kept.engine.dialect.name == "sqlite"
    with pytest.raises(DBAPIError) if refused else nullcontext(), kept.begin() as conn:
        assert not checkpoints.put(conn, checkpoint(5, "another"))
    with kept.read() as conn:
        assert checkpoints.count(conn) == 3
        assert checkpoints.covering(conn, 5) == checkpoint(5)


@pytest.mark.parametrize(
    ("sequence", "size"), [(1, 3), (3, 3), (4, 5), (5, 5), (6, 9), (9, 9), (10, None)]
)
def test_an_entry_is_covered_by_the_smallest_that_reaches_it(
    kept: Store, sequence: int, size: int | None
) -> None:
    with kept.read() as conn:
        found = checkpoints.covering(conn, sequence)
    assert found == (None if size is None else checkpoint(size))


def test_those_that_cover_most_come_first(kept: Store) -> None:
    with kept.read() as conn:
        assert checkpoints.newest(conn) == checkpoint(9)
        for given, sizes in (
            ({}, [9, 5, 3]),
            ({"limit": 2}, [9, 5]),
            ({"until": 5}, [5, 3]),
            ({"until": 5, "limit": 1}, [5]),
            ({"until": 2}, []),
        ):
            found = checkpoints.list_checkpoints(conn, **given)
            assert [each.size for each in found] == sizes


def test_each_place_has_its_newest_attempt_the_newest_first(kept: Store) -> None:
    tries = [
        anchor(3),
        anchor(3, "mail", "x@y"),
        anchor(5, target="/b"),
        anchor(5, "mail", "x@y", "failed"),
        anchor(9),
    ]
    with kept.begin() as conn:
        for each in tries:
            checkpoints.note_anchor(conn, each)
        assert list(checkpoints.newest_anchors(conn)) == [tries[4], tries[3], tries[2]]
        assert list(checkpoints.newest_anchors(conn, state="done")) == [
            *(tries[4], tries[2], tries[1])
        ]
        assert list(checkpoints.newest_anchors(conn, kinds=["mail"])) == [tries[3]]
        assert checkpoints.newest_anchors(conn, kinds=[]) == ()


def test_the_checkpoint_anchored_last_is_that_of_the_last_attempt(kept: Store) -> None:
    with kept.begin() as conn:
        checkpoints.note_anchor(conn, anchor(9))
        checkpoints.note_anchor(conn, anchor(5, target="/b", state="failed"))
        assert checkpoints.newest_anchored(conn) == checkpoint(5)


def test_receipts_stand_in_the_order_of_what_they_cover(kept: Store) -> None:
    later, first = (anchor(size, "timestamp", "t", receipt=b"r") for size in (9, 3))
    with kept.begin() as conn:
        for each in (later, anchor(5), first):
            checkpoints.note_anchor(conn, each)
        assert checkpoints.receipts(conn) == (first, later)
        assert checkpoints.receipts(conn, until=3) == (first,)
        assert checkpoints.receipts(conn, until=2) == ()
