"""The tree against the published vectors, and against the definition written out naively."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_proof,
    cover,
    inclusion_proof,
    leaf_hash,
    root,
    root_of_inclusion,
    roots,
    verify_inclusion,
)

# The reference tree of certificate-transparency (cpp/merkletree/merkle_tree_test.cc, and
# transparency-dev/merkle testonly/reference_tree): eight leaves, its roots and some of its proofs.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf from 0, size, hashes)
INCLUSION: list[tuple[int, int, list[str]]] = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
# (first size, second size, hashes)
CONSISTENCY: list[tuple[int, int, list[str]]] = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def nodes_of(digests: Sequence[bytes]) -> Node:
    """Keep every complete subtree that leaves make up, as the database does."""
    frontier, kept = Frontier(), dict[tuple[int, int], bytes]()
    for digest in digests:
        kept |= {(level, place): made for level, place, made in frontier.add(digest)}
    return lambda level, place: kept[level, place]


# What RFC 9162 says in words, written out; slow, and plainly the definition.
def naive_root(digests: Sequence[bytes]) -> bytes:
    if len(digests) < 2:
        return digests[0] if digests else sha256(b"").digest()
    k = naive_split(len(digests))
    return sha256(b"\x01" + naive_root(digests[:k]) + naive_root(digests[k:])).digest()


def naive_split(count: int) -> int:
    return max(1 << power for power in range(20) if 1 << power < count)


def naive_path(leaf: int, digests: Sequence[bytes]) -> list[bytes]:
    if len(digests) == 1:
        return []
    k = naive_split(len(digests))
    if leaf < k:
        return [*naive_path(leaf, digests[:k]), naive_root(digests[k:])]
    return [*naive_path(leaf - k, digests[k:]), naive_root(digests[:k])]


def naive_subproof(size: int, digests: Sequence[bytes], known: bool) -> list[bytes]:
    if size == len(digests):
        return [] if known else [naive_root(digests)]
    k = naive_split(len(digests))
    if size <= k:
        return [*naive_subproof(size, digests[:k], known), naive_root(digests[k:])]
    return [*naive_subproof(size - k, digests[k:], False), naive_root(digests[:k])]


HASHES = [leaf_hash(leaf) for leaf in LEAVES]
VECTORS = nodes_of(HASHES)


def test_published_roots() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(0, VECTORS) == EMPTY_ROOT == Frontier().root()
    assert [root(size, VECTORS).hex() for size in range(1, 9)] == ROOTS
    assert [each.hex() for each in roots(HASHES)] == ROOTS


@pytest.mark.parametrize(("leaf", "size", "hashes"), INCLUSION)
def test_published_inclusion_proofs(leaf: int, size: int, hashes: list[str]) -> None:
    proof = inclusion_proof(leaf, size, VECTORS)
    assert [each.hex() for each in proof] == hashes
    assert verify_inclusion(leaf, size, HASHES[leaf], proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("first", "second", "hashes"), CONSISTENCY)
def test_published_consistency_proofs(first: int, second: int, hashes: list[str]) -> None:
    proof = consistency_proof(first, second, VECTORS)
    assert [each.hex() for each in proof] == hashes


def test_every_size_up_to_forty_is_the_definition() -> None:
    digests = [leaf_hash(bytes([number])) for number in range(40)]
    node = nodes_of(digests)
    for size in range(41):
        expected = naive_root(digests[:size])
        assert root(size, node) == expected
        for leaf in range(size):
            proof = inclusion_proof(leaf, size, node)
            assert list(proof) == naive_path(leaf, digests[:size])
            assert verify_inclusion(leaf, size, digests[leaf], proof, expected)
        for first in range(size + 1):
            links = consistency_proof(first, size, node)
            if first:
                assert list(links) == naive_subproof(first, digests[:size], True)


@given(st.data())
def test_no_other_leaf_place_size_or_hash_passes(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    leaf = data.draw(st.integers(0, size - 1))
    digests = [leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    node = nodes_of(digests)
    proof, top = inclusion_proof(leaf, size, node), root(size, node)
    assert verify_inclusion(leaf, size, digests[leaf], proof, top)
    assert not verify_inclusion(leaf, size, leaf_hash(b"other"), proof, top)
    other = data.draw(st.integers(-1, size + 1).filter(lambda each: each != leaf))
    assert not verify_inclusion(other, size, digests[leaf], proof, top)
    assert not verify_inclusion(leaf, size, digests[leaf], [*proof, top], top)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(leaf, size, digests[leaf], proof[:-1], top)
        bent = [*proof]
        bent[place] = bytes([bent[place][0] ^ 1]) + bent[place][1:]
        assert not verify_inclusion(leaf, size, digests[leaf], bent, top)


def test_what_is_out_of_range_is_refused() -> None:
    for leaf, size in ((-1, 8), (8, 8), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(leaf, size, VECTORS)
        assert root_of_inclusion(leaf, size, HASHES[0], ()) is None
    for first, second in ((-1, 8), (9, 8)):
        with pytest.raises(ValueError, match="no beginning"):
            consistency_proof(first, second, VECTORS)


@given(st.integers(1, 2**40))
def test_a_root_needs_a_node_a_level_at_most(size: int) -> None:
    nodes = cover(0, size)
    assert len(nodes) == size.bit_count()
    assert sum(1 << level for level, _ in nodes) == size
