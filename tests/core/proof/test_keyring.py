import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.domain.merkle import EMPTY_ROOT
from core.errors import InvalidInput
from core.proof.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from core.proof.keyring import keyring
from core.proof.note import NoteSigner, NoteVerifier

AT = "2026-01-05T09:30:00.000000Z"


def signer(number: int, name: str = "log.example") -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


FIRST, SECOND, THIRD = (signer(number) for number in (1, 2, 3))
ONE, TWO, THREE = (each.verifier for each in (FIRST, SECOND, THIRD))
CHANGED = keyring(TWO, [(10, ONE, TWO), (20, TWO, THREE)])


def signed(size: int, *signers: NoteSigner) -> Checkpoint:
    """Return a checkpoint with the signatures of some keys, as a change of keys makes it."""
    notes = [sign_checkpoint(each, size=size, root=EMPTY_ROOT, at=AT).note for each in signers]
    text, _, _ = notes[0].rpartition("\n\n")
    return parse_checkpoint(f"{text}\n\n" + "".join(note.rpartition("\n\n")[2] for note in notes))


def test_a_key_that_never_changed_signs_everything() -> None:
    ring = keyring(ONE, [])
    assert ring.current == ONE
    assert ring.changes == ()
    assert ring.of(0) == ring.of(1_000_000) == (ONE,)


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        (0, (ONE,)),
        (9, (ONE,)),
        (10, (ONE, TWO)),
        (11, (TWO,)),
        (20, (TWO, THREE)),
        (21, (THREE,)),
        (10**9, (THREE,)),
    ],
)
def test_each_key_counts_for_its_span_and_two_at_a_change(
    size: int, keys: tuple[NoteVerifier, ...]
) -> None:
    assert CHANGED.of(size) == keys


def test_the_keys_of_a_log_are_known() -> None:
    assert CHANGED.current == THREE
    assert CHANGED.changes == (10, 20)
    assert all(CHANGED.holds(key) for key in (ONE, TWO, THREE))
    assert not CHANGED.holds(signer(4).verifier)


def test_a_checkpoint_needs_every_key_of_its_size_and_no_other_counts() -> None:
    assert CHANGED.accepts(signed(9, FIRST))
    assert CHANGED.accepts(signed(10, FIRST, SECOND))
    assert not CHANGED.accepts(signed(10, FIRST))
    assert not CHANGED.accepts(signed(10, SECOND))
    assert not CHANGED.accepts(signed(11, FIRST))
    assert not CHANGED.accepts(signed(21, SECOND))


@pytest.mark.parametrize(
    "changes",
    [
        [(10, ONE, TWO), (20, ONE, THREE)],  # begins with a key that is not in use any more
        [(10, ONE, ONE)],
        [(10, ONE, signer(2, "other.example").verifier)],
        [(10, ONE, TWO), (10, TWO, THREE)],
        [(10, ONE, TWO), (9, TWO, THREE)],
        [(0, ONE, TWO)],
    ],
)
def test_changes_that_do_not_follow_from_each_other_are_refused(
    changes: list[tuple[int, NoteVerifier, NoteVerifier]],
) -> None:
    with pytest.raises(InvalidInput, match=f"at entry {changes[-1][0]} does not follow"):
        keyring(ONE, changes)
