"""The pack's own arithmetic, held against the product's: consistency of trees, and the draw."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import merkle
from core.domain.sampling import METHODS, Method, Unit, draw, seed_of
from core.reports.dossier_pack.verify import drawn_again, extends

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(40)]


def node(level: int, place: int) -> bytes:
    """Return a complete subtree's root, by the definition."""
    return root_of(LEAVES[place << level : (place + 1) << level])


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root by the recursion of RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = root_of(leaves[:split]), root_of(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))), st.data())
def test_a_tree_extends_its_own_past_and_no_other(
    sizes: tuple[int, int], data: st.DataObject
) -> None:
    first, second = sizes
    old, new = (first, root_of(LEAVES[:first])), (second, root_of(LEAVES[:second]))
    proof = list(merkle.consistency_proof(first, second, node))
    assert extends(old, new, proof)
    assert not extends((first, sha256(b"other").digest()), new, proof)
    assert not extends(old, (second, sha256(b"other").digest()), proof)
    assert not extends(old, new, [*proof, LEAVES[0]])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        damaged = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        assert not extends(old, new, [*proof[:place], damaged, *proof[place + 1 :]])
        assert not extends(old, new, proof[:place] + proof[place + 1 :])


def test_nothing_extends_an_empty_or_a_longer_tree() -> None:
    new = (3, root_of(LEAVES[:3]))
    assert not extends((0, sha256().digest()), new, [])
    assert not extends((4, root_of(LEAVES[:4])), new, [])


@given(
    st.lists(st.sampled_from(["all", "rest", "rest", "rest"]), min_size=1, max_size=40),
    st.sampled_from(METHODS),
    st.text(max_size=5),
    st.data(),
)
def test_it_draws_what_the_product_draws(
    strata: list[str], method: Method, words: str, data: st.DataObject
) -> None:
    least = strata.count("all") if method == "all_then_random" else 1
    n = data.draw(st.integers(max(1, least), len(strata)))
    frame = [Unit(f"k{place}", stratum) for place, stratum in enumerate(strata)]
    seed = seed_of(words, "00")
    lines = [[each.key, "", each.stratum] for each in frame]
    assert drawn_again(lines, seed, n, method) == [e.key for e in draw(frame, seed, n, method)]


def test_a_method_that_nobody_stated_is_none() -> None:
    with pytest.raises(ValueError, match="no method is called best"):
        drawn_again([["k", "", ""]], "00", 1, "best")
