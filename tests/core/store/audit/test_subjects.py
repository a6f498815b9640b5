"""Personal payloads: committed to in the trail, kept apart, gone for good when destroyed."""

import hmac
from hashlib import sha256
from pathlib import Path

import pytest

from core.domain import merkle
from core.errors import Conflict
from core.store import Store, rows
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.trail import PersonalPayload
from core.store.retention import tombstones
from tests.support.fakes import START
from tests.support.tampering import unlocked

PAYLOAD = {"name": "陳大文", "reason": "late"}
CANONICAL = '{"name":"陳大文","reason":"late"}'.encode()


def note(store: Store, subject: str | None, **body: object) -> int:
    with store.begin() as conn:
        return audit.append(
            conn,
            at=START,
            actor="p-1",
            role="compliance",
            kind="personal.revealed",
            objects={"model": "m"},
            body=body,
            personal=PersonalPayload(subject, PAYLOAD) if subject else None,
        )


def test_the_trail_holds_the_commitment_and_the_payload_lies_apart(store: Store) -> None:
    assert [note(store, "s1", why="check"), note(store, None), note(store, "s2")] == [1, 2, 3]
    with store.read() as conn:
        entries = audit.read(conn)
        opened = list(subjects.openings(conn))
        key = subjects.find_key(conn, "s1")
        assert list(subjects.openings(conn, after=1, until=2)) == []
    assert key is not None
    assert len(key) == 32
    assert [(each.sequence, each.subject_id) for each in opened] == [(1, "s1"), (3, "s2")]
    assert opened[0].key == key
    assert opened[0].payload == CANONICAL
    expected = hmac.new(key, CANONICAL, sha256).hexdigest()
    assert entries[0].body == {"why": "check", "subject": "s1", "commitment": expected}
    assert entries[2].body["commitment"] != expected  # another key, though the payload is the same
    assert "陳大文".encode() not in entries[0].canonical
    assert "陳大文" not in repr(opened[0])


def test_a_subject_keeps_its_key(store: Store) -> None:
    note(store, "s1")
    note(store, "s1")
    with store.read() as conn:
        first, second = audit.read(conn)
    assert first.body["commitment"] == second.body["commitment"]


def test_destroying_leaves_the_trail_as_it_was(store: Store) -> None:
    note(store, "s1")
    note(store, "s2")
    with store.begin() as conn:
        before = audit_tree.root(conn, 2)
        assert subjects.destroy(conn, "s1") == subjects.Destroyed(keys=1, payloads=1)
        assert subjects.destroy(conn, "s1") == subjects.Destroyed(keys=0, payloads=0)
    with store.read() as conn:
        assert audit_tree.root(conn, 2) == before
        assert merkle.leaf_hash(audit.read(conn)[0].canonical) == audit_tree.leaf(conn, 0)
        assert subjects.find_key(conn, "s1") is None
        assert [each.subject_id for each in subjects.openings(conn)] == ["s2"]
        assert subjects.all_subjects(conn) == {"s2"}


def test_payloads_are_found_however_many_are_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        note(store, f"s{number % 2}")
    note(store, None)
    monkeypatch.setattr(rows, "_AT_ONCE", 2)
    with store.begin() as conn:
        every = dict.fromkeys(range(1, 6), CANONICAL)
        assert subjects.payloads(conn, [1, 2, 3, 4, 5, 6, 7]) == every
        assert subjects.payloads(conn, [3]) == {3: CANONICAL}
        assert subjects.payloads(conn, []) == {}
        assert subjects.are_known(conn, ["a", "b", "c", "d", "s1"])
        assert not subjects.are_known(conn, ["a", "b", "c", "d"])
        tombstones.bury(conn, [tombstones.Tombstone("d", tombstones.EVERY_MODEL, START, "e1")])
        assert subjects.are_known(conn, ["a", "b", "c", "d"])


def test_after_a_restore_payloads_without_a_key_go(sqlite_store: Store) -> None:
    for subject in ("s1", "s2", "s1"):
        note(sqlite_store, subject)
    with sqlite_store.begin() as conn:
        assert subjects.drop_keyless(conn) == 0
    sqlite_store.close()
    with unlocked(Path(str(sqlite_store.engine.url.database))) as file:
        file.execute("DELETE FROM subject_key WHERE subject_id = 's1'")
    file.close()
    with sqlite_store.begin() as conn:
        assert subjects.drop_keyless(conn) == 2
        assert subjects.payloads(conn, [1, 2, 3]) == {2: CANONICAL}


def test_an_erased_person_gets_no_new_key(store: Store) -> None:
    with store.begin() as conn:
        tombstones.bury(conn, [tombstones.Tombstone("s1", tombstones.EVERY_MODEL, START, "e1")])
    with pytest.raises(Conflict, match="erased"):
        note(store, "s1")
    with store.read() as conn:
        assert audit.size(conn) == 0


def test_a_body_cannot_pretend_a_commitment(store: Store) -> None:
    with pytest.raises(ValueError, match="through the personal payload"):
        note(store, "s1", commitment="0" * 64)
