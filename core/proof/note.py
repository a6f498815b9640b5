"""Signed notes after C2SP: a text that ends in a line break, a blank line, lines of signatures.

A signature line is ``— <name> base64(key hash ‖ signature)``. The key hash is the first four bytes
of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), 0x01 being the type of Ed25519. A verifier key is
written ``<name>+<key hash in hex>+base64(0x01 ‖ public key)``.
"""

import base64
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.errors import InvalidInput
from core.proof.base64_text import decoded

_DASH = "\N{EM DASH} "
_ED25519 = b"\x01"
_HASH_BYTES, _KEY_BYTES = 4, 32


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A public key under its name.

    Parameters
    ----------
    name : str
        Who signs; without blanks and without ``+``.
    public_key : bytes
        Ed25519, 32 bytes.
    """

    name: str
    public_key: bytes

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell keys of one name apart; no protection against forgery."""
        text = self.name.encode("utf-8") + b"\n" + _ED25519 + self.public_key
        return sha256(text).digest()[:_HASH_BYTES]

    def text(self) -> str:
        """Return the verifier key in one line."""
        encoded = base64.b64encode(_ED25519 + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"

    def accepts(self, note: "SignedNote") -> bool:
        """Whether this key signed the note; signatures of other keys are passed over."""
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        for name, key_hash, signature in note.signatures:
            if (name, key_hash) != (self.name, self.key_hash):
                continue
            try:
                key.verify(signature, note.text.encode("utf-8"))
            except InvalidSignature:
                return False
            return True
        return False


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key under its name.

    Parameters
    ----------
    name : str
        Who signs; without blanks and without ``+``.
    key : Ed25519PrivateKey
        Signs.
    """

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise ValueError(f"{self.name!r} cannot name a key.")

    @property
    def verifier(self) -> NoteVerifier:
        """What others check the signatures with."""
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return NoteVerifier(self.name, raw)

    def sign(self, text: str) -> str:
        """Return the note: the text, which must end in a line break, and the signature."""
        if not text.endswith("\n"):
            raise ValueError("The text of a note ends in a line break.")
        signed = self.verifier.key_hash + self.key.sign(text.encode("utf-8"))
        return f"{text}\n{_DASH}{self.name} {base64.b64encode(signed).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note taken apart, its signatures not checked yet.

    Parameters
    ----------
    text : str
        What was signed, with its last line break.
    signatures : tuple
        (name, key hash, signature) of each line.
    """

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


def parse_note(note: str) -> SignedNote:
    """Take a note apart.

    Raises
    ------
    InvalidInput
        If it has no signed text, or a line of its signatures is none.
    """
    text, blank, lines = note.rpartition("\n\n")
    ended = lines.endswith("\n") and "\r" not in note
    signatures = [_signature(line) for line in lines.removesuffix("\n").split("\n")]
    if not text or not blank or not ended or None in signatures:
        raise _no_note()
    return SignedNote(f"{text}\n", tuple(each for each in signatures if each is not None))


def parse_verifier(text: str) -> NoteVerifier:
    """Read a verifier key.

    Raises
    ------
    InvalidInput
        If it is none, or its hash does not belong to its key.
    """
    name, _, rest = text.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if raw is None or len(raw) != 1 + _KEY_BYTES or raw[:1] != _ED25519 or not is_key_name(name):
        raise _no_key()
    verifier = NoteVerifier(name, raw[1:])
    if verifier.key_hash.hex() != key_hash:
        raise _no_key()
    return verifier


def is_key_name(name: str) -> bool:
    """Whether a text can name a key: not empty, no blank of any kind, no plus sign."""
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def _signature(line: str) -> tuple[str, bytes, bytes] | None:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _decoded(encoded)
    if not line.startswith(_DASH) or not is_key_name(name):
        return None
    if raw is None or len(raw) <= _HASH_BYTES:
        return None
    return name, raw[:_HASH_BYTES], raw[_HASH_BYTES:]


def _decoded(text: str) -> bytes | None:
    try:
        return decoded(text)
    except ValueError:
        return None


def _no_note() -> InvalidInput:
    return InvalidInput(
        "This is not a signed note.",
        remedy="It is a text with a blank line and a signature at its end; take it whole.",
    )


def _no_key() -> InvalidInput:
    return InvalidInput(
        "This is not a public key of checkpoints.",
        remedy="It is one line of three parts joined by plus signs; take it whole.",
    )
