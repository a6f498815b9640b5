"""The stored tree is the tree over the stored entries, at every size, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from core.domain import merkle
from core.store import Store
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from tests.support.fakes import START


def fill(store: Store, count: int) -> list[bytes]:
    """Append entries and return the leaf hashes of what is stored."""
    with store.begin() as conn:
        for number in range(count):
            audit.append(
                conn,
                at=START,
                actor="p-1",
                role="admin",
                kind="test.done",
                objects={"model": "m"},
                body={"number": number},
            )
    with store.read() as conn:
        return [merkle.leaf_hash(entry.canonical) for entry in audit.read(conn)]


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Collect the statements that a block sends."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


def test_roots_and_proofs_of_every_size(store: Store) -> None:
    digests = fill(store, 21)
    expected = [merkle.EMPTY_ROOT, *merkle.roots(digests)]
    with store.read() as conn:
        assert [audit_tree.root(conn, size) for size in range(22)] == expected
        for size in range(1, 22):
            for leaf in range(size):
                proof = audit_tree.inclusion(conn, leaf, size)
                assert merkle.verify_inclusion(leaf, size, digests[leaf], proof, expected[size])
        assert audit_tree.leaf(conn, 20) == digests[20]
        assert audit_tree.count(conn) == 2 * 21 - (21).bit_count()
        assert list(audit_tree.nodes(conn, 0, begin=3, end=6)) == [
            (place, digests[place]) for place in (3, 4, 5)
        ]


def test_a_proof_reads_two_nodes_a_level_at_most(store: Store) -> None:
    fill(store, 300)
    with store.read() as conn, counted(store) as sent:
        audit_tree.root(conn, 299)
        assert len(sent) == (299).bit_count()
        sent.clear()
        audit_tree.inclusion(conn, 7, 299)
        assert len(sent) <= 2 * (299).bit_length()


def test_what_is_not_there_is_told(store: Store) -> None:
    fill(store, 3)
    with store.read() as conn:
        assert audit_tree.root(conn, 0) == merkle.EMPTY_ROOT
        with pytest.raises(LookupError, match="node 3 of level 0"):
            audit_tree.leaf(conn, 3)
        with pytest.raises(LookupError, match="node 0 of level 2"):
            audit_tree.root(conn, 4)
