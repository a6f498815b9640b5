import base64
import hmac
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.domain.merkle import EMPTY_ROOT
from core.errors import InvalidInput
from core.proof.checkpoint import (
    anchor_line,
    cosign,
    parse_checkpoint,
    read_checkpoints,
    sign_checkpoint,
)
from core.proof.commitment import commitment
from core.proof.note import NoteSigner, NoteVerifier, parse_note
from tests.core.proof.test_note import SIGNER

ROOT = base64.b64decode("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")


def test_a_checkpoint_is_the_text_that_the_specification_shows() -> None:
    made = sign_checkpoint(SIGNER, size=0, root=EMPTY_ROOT, at="2026-01-05T09:30:00.000000Z")
    text, _, signature = made.note.rpartition("\n\n")
    # By hand after C2SP tlog-checkpoint; the root of no entries is SHA-256 of nothing.
    assert text == (
        "log.example/audit\n"
        "0\n"
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        "time 2026-01-05T09:30:00.000000Z"
    )
    assert signature.startswith("— log.example/audit ")
    assert (made.origin, made.size, made.root) == ("log.example/audit", 0, ROOT)
    assert made.at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert made.signed_by(SIGNER.verifier)
    assert parse_checkpoint(made.note) == made


def test_a_checkpoint_of_another_log_is_not_taken_for_ours() -> None:
    made = sign_checkpoint(SIGNER, size=3, root=ROOT, at="2026-01-05T09:30:00Z")
    assert not made.signed_by(NoteVerifier("other.example", SIGNER.verifier.public_key))
    text = made.note.replace("log.example/audit\n3", "other.example\n3")
    assert not parse_checkpoint(text).signed_by(SIGNER.verifier)
    renamed = SIGNER.sign(f"other.example\n3\n{base64.b64encode(ROOT).decode()}\n")
    assert not parse_checkpoint(renamed).signed_by(SIGNER.verifier)
    assert parse_checkpoint(renamed).at is None


@pytest.mark.parametrize(
    "text",
    [
        "log.example\n3\n",
        "log.example\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n-3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n12345678901234567890\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n3\n47DE\n",
        "log.example\n3\n!7DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime now\n",
        "log.example\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 2026-01-05\n",
        "\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a checkpoint"):
        parse_checkpoint(SIGNER.sign(text))


def test_of_several_times_the_first_one_counts() -> None:
    root = base64.b64encode(ROOT).decode()
    text = f"log.example/audit\n3\n{root}\nseen by none\ntime 2026-01-05T09:30:00Z\n"
    made = parse_checkpoint(SIGNER.sign(f"{text}time 2027-01-01T00:00:00Z\n"))
    assert made.at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def test_a_second_key_signs_the_same_text() -> None:
    witness = NoteSigner(SIGNER.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    made = sign_checkpoint(SIGNER, size=3, root=ROOT, at="2026-01-05T09:30:00Z")
    both = cosign(made, witness)
    assert both.note == made.note + witness.sign(parse_note(made.note).text).rpartition("\n\n")[2]
    assert both.signed_by(SIGNER.verifier)
    assert both.signed_by(witness.verifier)
    assert not made.signed_by(witness.verifier)


def test_a_commitment_is_a_keyed_hash() -> None:
    # RFC 4231, test case 2.
    assert commitment(b"Jefe", b"what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert hmac.compare_digest(commitment(b"a", b"b"), commitment(b"a", b"b"))
    assert commitment(b"a", b"b") != commitment(b"b", b"b")


def test_a_file_of_checkpoints_is_read_and_its_damage_counted() -> None:
    made = [sign_checkpoint(SIGNER, size=n, root=ROOT, at="2026-01-05T09:30:00Z") for n in (1, 2)]
    lines = [anchor_line(each) for each in made]
    broken = [lines[1][:40], '{"note": 3}', '{"size": 1}', "[1]"]
    text = "\n".join([lines[0], *broken, "", lines[1], ""])
    assert read_checkpoints(text) == (tuple(made), 4)
    assert read_checkpoints(f"\n  {text}") == (tuple(made), 4)
    assert read_checkpoints(made[0].note) == ((made[0],), 0)
    with pytest.raises(InvalidInput, match="not a signed note"):
        read_checkpoints("nothing")
