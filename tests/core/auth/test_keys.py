"""The workspace's own keys."""

import errno
import hmac
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.auth.keys import find_checkpoint_key, open_keys, write_next_key
from core.errors import StorageError


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    first = open_keys(folder)
    assert open_keys(folder).secret == first.secret
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.key", "workspace.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert repr(first.secret) not in repr(first)
    assert "PrivateKey" not in repr(first)


def test_of_many_first_starts_one_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: open_keys(tmp_path / "keys").secret, range(16)))
    assert len(set(made)) == 1


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    # RFC 5869 by hand: extract with a salt of 32 zeros, then one block of expansion.
    extracted = hmac.new(b"\x00" * 32, keys.secret, sha256).digest()
    assert keys.derive("subject") == hmac.new(extracted, b"subject\x01", sha256).digest()
    assert keys.derive("subject") != keys.derive("totp")
    expected = hmac.new(keys.derive("subject"), "陳大文".encode(), sha256).hexdigest()
    assert keys.subject_id("陳大文") == expected


def test_what_is_sealed_opens_with_the_same_key_and_purpose_only(tmp_path: Path) -> None:
    keys, other = open_keys(tmp_path / "a"), open_keys(tmp_path / "b")
    sealed = keys.seal("totp", b"secret")
    assert b"secret" not in sealed
    assert sealed != keys.seal("totp", b"secret")
    assert keys.unseal("totp", sealed) == b"secret"
    # A nonce of 96 bits first, as NIST SP 800-38D recommends for GCM.
    opened = AESGCM(keys.derive("totp")).decrypt(sealed[:12], sealed[12:], b"totp")
    assert opened == b"secret"
    flipped = bytes([sealed[-1] ^ 1])
    for holder, purpose, text in (
        (other, "totp", sealed),
        (keys, "subject", sealed),
        (keys, "totp", sealed[:-1] + flipped),
        (keys, "totp", b""),
    ):
        with pytest.raises(StorageError, match="does not belong"):
            holder.unseal(purpose, text)


def test_why_a_key_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with pytest.raises(OSError, match="No space left"):
            open_keys(tmp_path)
    assert list(tmp_path.iterdir()) == []
    open_keys(tmp_path)


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(33)])
def test_a_damaged_key_file_is_refused(tmp_path: Path, damaged: bytes) -> None:
    open_keys(tmp_path)
    (tmp_path / "workspace.key").write_bytes(damaged)
    with pytest.raises(StorageError, match="does not hold 32 bytes"):
        open_keys(tmp_path)


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def test_the_checkpoint_key_in_use_is_found_and_stays(tmp_path: Path) -> None:
    in_use = open_keys(tmp_path).checkpoint_key
    waiting = Ed25519PrivateKey.generate()
    path = write_next_key(tmp_path, waiting)
    assert path.name == f"checkpoint-{sha256(public_of(waiting)).hexdigest()[:16]}.key"
    found = find_checkpoint_key(tmp_path, public_of(in_use))
    assert found is not None
    assert found.private_bytes_raw() == in_use.private_bytes_raw()
    assert path.is_file()
    assert find_checkpoint_key(tmp_path, public_of(Ed25519PrivateKey.generate())) is None


def test_a_key_that_a_crash_left_waiting_is_put_in_use(tmp_path: Path) -> None:
    open_keys(tmp_path)
    waiting = Ed25519PrivateKey.generate()
    path = write_next_key(tmp_path, waiting)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert find_checkpoint_key(tmp_path, public_of(waiting)) is not None
    assert not path.exists()
    assert public_of(open_keys(tmp_path).checkpoint_key) == public_of(waiting)


def test_only_one_key_waits(tmp_path: Path) -> None:
    first, second = (write_next_key(tmp_path, Ed25519PrivateKey.generate()) for _ in range(2))
    assert not first.exists()
    assert second.is_file()


def test_a_key_file_that_holds_no_key_is_passed_over(tmp_path: Path) -> None:
    waiting = Ed25519PrivateKey.generate()
    path = write_next_key(tmp_path, waiting)
    for damaged in (b"", b"short", bytes(33)):
        (tmp_path / "checkpoint.key").write_bytes(damaged)
        path.write_bytes(waiting.private_bytes_raw())
        assert find_checkpoint_key(tmp_path, public_of(waiting)) is not None
