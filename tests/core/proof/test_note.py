import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.proof.note import NoteSigner, NoteVerifier, parse_note, parse_verifier

# The example of golang.org/x/mod/sumdb/note, the reference implementation of signed notes.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
SIGNER = NoteSigner("log.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_the_published_example() -> None:
    verifier = parse_verifier(KEY)
    assert verifier.name == "PeterNeumann"
    assert verifier.key_hash.hex() == "c74f20a3"
    assert verifier.text() == KEY
    note = parse_note(NOTE)
    assert note.text.endswith("problem is.\n")
    assert verifier.accepts(note)
    assert not verifier.accepts(parse_note(NOTE.replace("answer", "answers")))


def test_what_is_signed_is_accepted_by_its_key_alone() -> None:
    note = SIGNER.sign("one\n\ntwo\n")
    assert parse_note(note).text == "one\n\ntwo\n"
    assert SIGNER.verifier.accepts(parse_note(note))
    assert parse_verifier(SIGNER.verifier.text()) == SIGNER.verifier
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not NoteVerifier(SIGNER.name, other).accepts(parse_note(note))
    assert not NoteVerifier("other", SIGNER.verifier.public_key).accepts(parse_note(note))


def test_a_note_may_carry_the_signatures_of_witnesses() -> None:
    witness = NoteSigner("witness", Ed25519PrivateKey.generate())
    note = SIGNER.sign("one\n")
    both = note + witness.sign("one\n").rpartition("\n\n")[2]
    assert len(parse_note(both).signatures) == 2
    assert SIGNER.verifier.accepts(parse_note(both))
    assert witness.verifier.accepts(parse_note(both))
    assert not witness.verifier.accepts(parse_note(note))


@given(st.integers(0, len(SIGNER.sign("a checkpoint\n")) - 2), st.characters(codec="utf-8"))
def test_no_changed_note_is_accepted(place: int, letter: str) -> None:
    note = SIGNER.sign("a checkpoint\n")
    if note[place] == letter:
        return
    try:
        changed = parse_note(note[:place] + letter + note[place + 1 :])
    except InvalidInput:
        return
    assert not SIGNER.verifier.accepts(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "no signature\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name ####\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAA==\n",  # four bytes: the hash of a key and no signature
        "\n\n— name AAAAAAAA\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— a+b AAAAAAAA\n",
        NOTE.removesuffix("\n"),
        NOTE.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a signed note"):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        KEY.replace("c74f", "c74e"),
        KEY.replace("Peter", "Paul"),
        KEY.replace("Peter", "Peter "),
        "PeterNeumann+c74f20a3+AAAA",
        "x+c74f20a3+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a public key"):
        parse_verifier(text)


def test_names_and_texts_that_make_no_note() -> None:
    for name in ("", "a b", "a+b", "a\u3000b"):
        with pytest.raises(ValueError, match="cannot name"):
            NoteSigner(name, SIGNER.key)
    with pytest.raises(ValueError, match="line break"):
        SIGNER.sign("text")
