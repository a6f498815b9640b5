"""Merkle trees as RFC 9162 (and RFC 6962) define them: hashes, roots, proofs, and checking proofs.

A tree is known here by a function that returns the hash of a *complete* subtree: ``node(level,
position)`` covers the 2^level leaves from ``position · 2^level`` on, level 0 being the leaf hashes.
Every root and every proof needs at most two such nodes a level, however many leaves there are.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

Node = Callable[[int, int], bytes]
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), 32 bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256().digest()
"""Root of a tree without leaves."""


def root(size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves (RFC 9162, 2.1.1).

    Parameters
    ----------
    size : int
        Number of leaves, from 0.
    node : callable
        Hash of a complete subtree, by level and position.
    """
    return _range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(leaf: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Return the hashes that lead from a leaf to the root (RFC 9162, 2.1.3.1), the lowest first.

    Parameters
    ----------
    leaf : int
        Number of the leaf, from 0.
    size : int
        Leaves of the tree that the proof is for.
    node : callable
        Hash of a complete subtree, by level and position.

    Raises
    ------
    ValueError
        If the tree has no such leaf.
    """
    if not 0 <= leaf < size:
        raise ValueError(f"A tree of {size} leaves has no leaf {leaf}.")
    begin, end, siblings = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    return tuple(_range_hash(*each, node) for each in reversed(siblings))


def consistency_proof(first: int, second: int, node: Node) -> tuple[bytes, ...]:
    """Return the hashes that prove the first tree to be the beginning of the second one.

    RFC 9162, 2.1.4.1; empty for equal sizes and for an empty first tree, where nothing is to prove.

    Parameters
    ----------
    first, second : int
        Sizes of the two trees.
    node : callable
        Hash of a complete subtree of the larger tree, by level and position.

    Raises
    ------
    ValueError
        If the first tree is larger than the second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} leaves is no beginning of one of {second}.")
    if first in {0, second}:
        return ()
    begin, end, siblings = 0, second, []
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    if begin:  # what remains is not the first tree itself, so its hash is not known yet
        siblings.append((begin, end))
    return tuple(_range_hash(*each, node) for each in reversed(siblings))


def root_of_inclusion(leaf: int, size: int, digest: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf's hash and proof lead to (RFC 9162, 2.1.3.2).

    ``None`` if the proof is too short, too long, or no proof for a tree of that size.
    """
    if not 0 <= leaf < size:
        return None
    place, last = leaf, size - 1
    for sibling in proof:
        if last == 0:
            return None
        if place % 2 or place == last:
            digest = node_hash(sibling, digest)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return digest if last == 0 else None


def verify_inclusion(
    leaf: int, size: int, digest: bytes, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Whether the proof shows a leaf's hash to be in the tree of this size and root.

    Parameters
    ----------
    leaf, size : int
        Number of the leaf from 0, and leaves of the tree.
    digest : bytes
        Leaf hash.
    proof : sequence of bytes
        From :func:`inclusion_proof`.
    expected : bytes
        The tree's root.
    """
    return root_of_inclusion(leaf, size, digest, proof) == expected


class Frontier:
    """The right edge of a tree that grows: enough to know its root at every size.

    Holds the hashes of the complete subtrees that the leaves so far make up, the largest first.
    """

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[bytes] = []

    def add(self, digest: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; return the nodes that it completes, as (level, position, hash)."""
        place, level = self.size, 0
        made = [(0, place, digest)]
        while place % 2:
            digest = node_hash(self._nodes.pop(), digest)
            level, place = level + 1, place >> 1
            made.append((level, place, digest))
        self._nodes.append(digest)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root of the leaves so far."""
        return _fold(self._nodes) if self._nodes else EMPTY_ROOT


def roots(digests: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the root after each leaf hash, the first of one leaf."""
    frontier = Frontier()
    for digest in digests:
        frontier.add(digest)
        yield frontier.root()


def cover(begin: int, end: int) -> list[tuple[int, int]]:
    """Return the complete subtrees, as (level, position), that make up leaves ``[begin, end)``.

    ``begin`` is a multiple of the largest power of two that fits into the range, as every range is
    that a root or a proof asks for.
    """
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def _range_hash(begin: int, end: int, node: Node) -> bytes:
    return _fold([node(*each) for each in cover(begin, end)])


def _fold(nodes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees of falling size, from left to right."""
    digest = nodes[-1]
    for left in reversed(nodes[:-1]):
        digest = node_hash(left, digest)
    return digest


def _split(count: int) -> int:
    """Return the largest power of two below ``count``, for a count from 2."""
    return 1 << ((count - 1).bit_length() - 1)
