"""The workspace's own secrets: made at its first start, kept in ``keys/``, never in the database.

``workspace.key`` is 32 random bytes from which a key for each purpose is derived (HKDF-SHA256);
``checkpoint.key`` is the Ed25519 key that signs the audit trail's checkpoints. Who holds a copy of
the database alone can neither read what is sealed here nor tell whom a pseudonym stands for.
"""

import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import StorageError

_NONCE_BYTES = 12
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class WorkspaceKeys:
    """Keys of one workspace.

    Parameters
    ----------
    secret : bytes
        The 32 bytes that every other key is derived from.
    checkpoint_key : Ed25519PrivateKey
        Signs checkpoints.
    """

    secret: bytes = field(repr=False)
    checkpoint_key: Ed25519PrivateKey = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key of a purpose (RFC 5869, info = the purpose)."""
        hkdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode("utf-8"))
        return hkdf.derive(self.secret)

    def mac(self, purpose: str, text: str) -> str:
        """Return HMAC-SHA256 of a text under the key of a purpose, in hex."""
        return hmac.new(self.derive(purpose), text.encode("utf-8"), sha256).hexdigest()

    def subject_id(self, reference: str) -> str:
        """Return the pseudonym of the person or firm that logs call ``reference``."""
        return self.mac("subject", reference)

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Encrypt and authenticate a secret for the database (AES-256-GCM, random nonce)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.derive(purpose)).encrypt(nonce, plain, purpose.encode("utf-8"))

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Return what :meth:`seal` was given.

        Raises
        ------
        StorageError
            If it was sealed by another workspace's key, for another purpose, or changed since.
        """
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self.derive(purpose)).decrypt(nonce, body, purpose.encode("utf-8"))
        except (InvalidTag, ValueError) as error:
            raise StorageError(
                "A secret in the state database does not belong to this workspace's key.",
                remedy="Restore keys/workspace.key from the backup of the keys.",
            ) from error


def open_keys(folder: Path) -> WorkspaceKeys:
    """Read the keys of a workspace, and make those that are missing.

    Raises
    ------
    StorageError
        If a key file does not hold a key.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = _read_or_make(folder / "workspace.key")
    signing = _read_or_make(folder / "checkpoint.key")
    return WorkspaceKeys(secret, Ed25519PrivateKey.from_private_bytes(signing))


def find_checkpoint_key(folder: Path, public_key: bytes) -> Ed25519PrivateKey | None:
    """Return the private half of a checkpoint key; puts it in use if a crash prevented that."""
    waiting = _next_path(folder, public_key)
    for path in (folder / "checkpoint.key", waiting):
        if path.exists() and len(found := path.read_bytes()) == _KEY_BYTES:
            key = Ed25519PrivateKey.from_private_bytes(found)
            if key.public_key().public_bytes_raw() == public_key:
                if path == waiting:
                    put_in_use(path)
                return key
    return None


def write_next_key(folder: Path, key: Ed25519PrivateKey) -> Path:
    """Write a checkpoint key beside the one in use, and return where; leftovers are removed."""
    for left in folder.glob("checkpoint-*.key"):
        left.unlink(missing_ok=True)
    path = _next_path(folder, key.public_key().public_bytes_raw())
    _write(path, key.private_bytes_raw())
    return path


def put_in_use(path: Path) -> None:
    """Let a key that was written take the place of the one in use, which is gone then."""
    path.replace(path.with_name("checkpoint.key"))
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _next_path(folder: Path, public_key: bytes) -> Path:
    return folder / f"checkpoint-{sha256(public_key).hexdigest()[:16]}.key"


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_or_make(path: Path) -> bytes:
    """Return a key file's 32 bytes; of several processes that make it at once, one wins."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write(fresh, secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    found = path.read_bytes()
    if len(found) != _KEY_BYTES:
        raise StorageError(
            "The key file {path} does not hold {count} bytes.",
            remedy="Restore it from the backup of the keys; never make a new one in its place.",
            path=str(path),
            count=_KEY_BYTES,
        )
    return found
