"""The Merkle tree over the audit trail, kept node by node as it grows.

Level 0 holds the leaf hashes, level n the hashes of the complete subtrees of 2^n leaves: a root or
a proof reads at most two hashes of each level, however long the trail is. Leaf n is the entry of
sequence n + 1.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, insert, select

from core.domain import merkle
from core.domain.merkle import leaf_hash, node_hash
from core.store.tables import audit_node


def grow(conn: Connection, *, leaf: int, entry: bytes) -> None:
    """Add the leaf of an entry and the nodes that it completes; one a leaf, on average.

    Parameters
    ----------
    conn : Connection
        Of the transaction that appends the entry and holds the head's lock.
    leaf : int
        Number of the leaf, from 0.
    entry : bytes
        The entry as stored.
    """
    level, position, digest = 0, leaf, leaf_hash(entry)
    nodes = [{"level": level, "position": position, "hash": digest}]
    while position % 2:
        digest = node_hash(node(conn, level, position - 1), digest)
        level, position = level + 1, position // 2
        nodes.append({"level": level, "position": position, "hash": digest})
    conn.execute(insert(audit_node), nodes)


def root(conn: Connection, size: int) -> bytes:
    """Return the root of the first ``size`` entries.

    Raises
    ------
    LookupError
        If a node is missing: the tree is shorter than that, or was tampered with.
    """
    return merkle.root(size, lambda level, position: node(conn, level, position))


def inclusion(conn: Connection, leaf: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that a leaf is in the tree of the first ``size`` entries.

    Raises
    ------
    LookupError, ValueError
        As :func:`root`; if the tree of that size has no such leaf.
    """
    return merkle.inclusion_proof(leaf, size, lambda level, position: node(conn, level, position))


def leaf(conn: Connection, number: int) -> bytes:
    """Return the hash of a leaf, by its number from 0.

    Raises
    ------
    LookupError
        As :func:`root`.
    """
    return node(conn, 0, number)


def nodes(conn: Connection, level: int, *, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield position and hash of the nodes of a level at positions ``[begin, end)``, in order."""
    column = audit_node.c
    query = (
        select(column.position, column.hash)
        .where(column.level == level, column.position >= begin, column.position < end)
        .order_by(column.position)
    )
    for position, digest in conn.execute(query).all():
        # Whatever tampering put in a hash's place is no hash.
        yield position, bytes(digest) if isinstance(digest, bytes | memoryview) else b""


def count(conn: Connection) -> int:
    """Return how many nodes are kept; 2n - (number of ones in n) for n leaves."""
    return int(conn.execute(select(func.count()).select_from(audit_node)).scalar_one())


def node(conn: Connection, level: int, position: int) -> bytes:
    """Return the hash of a complete subtree.

    Raises
    ------
    LookupError
        If it is missing: the tree is shorter than that, or was tampered with.
    """
    column = audit_node.c
    query = select(column.hash).where(column.level == level, column.position == position)
    found = conn.execute(query).scalar_one_or_none()
    if found is None:
        raise LookupError(f"The tree over the audit trail lacks node {position} of level {level}.")
    return bytes(found)
