"""The Merkle tree over the audit trail, kept node by node as it grows.

Level 0 holds the leaf hashes, level n the hashes of the complete subtrees of 2^n leaves: a root or
a proof needs at most two hashes of each level, however long the trail is.
"""

from sqlalchemy import Connection, insert, select

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
        digest = node_hash(_node(conn, level, position - 1), digest)
        level, position = level + 1, position // 2
        nodes.append({"level": level, "position": position, "hash": digest})
    conn.execute(insert(audit_node), nodes)


def _node(conn: Connection, level: int, position: int) -> bytes:
    column = audit_node.c
    query = select(column.hash).where(column.level == level, column.position == position)
    return bytes(conn.execute(query).scalar_one())
