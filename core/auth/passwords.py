"""Passwords: hashing, checking without telling who exists, the policy, and making new ones.

bcrypt reads 72 bytes and no more, so a longer password is refused instead of silently cut. A
log-in with an unknown name is checked against a hash that no password matches, which takes as
long as a real check: the time does not tell whether the name exists.
"""

import re
import secrets
import string
from collections.abc import Iterable

import bcrypt

from core.auth.blocklist import is_guessable
from core.errors import InvalidInput

SHORTEST_CHARACTERS = 12
LONGEST_BYTES = 72
COST = 12
# Hash of random bytes that were thrown away: no password is known to match it.
_NOBODY = b"$2b$12$kM6KV9LgeDTAraQbA/3F/e4hB5L.IcMXz.Vil1bxrsZ.49pGK9mNK"
_HASH = re.compile(r"\$(2[abxy]?|argon2(id|i|d)|[1567y]|scrypt|pbkdf2[\w-]*)\$\S+")
_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


def check_policy(password: str, *, names: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long for bcrypt, or easy to guess.

    Parameters
    ----------
    password : str
        As typed: any characters, spaces around it included.
    names : iterable of str
        Names of the person, which are guessed first.

    Raises
    ------
    InvalidInput
        With the reason and what would do.
    """
    if len(password) < SHORTEST_CHARACTERS:
        raise InvalidInput(
            "The password is too short.",
            remedy="Use at least {count} characters.",
            count=SHORTEST_CHARACTERS,
        )
    if not _fits(password):
        raise InvalidInput(
            "The password is too long or holds a character that cannot be used.",
            remedy="Use at most {count} bytes; most Chinese characters are three.",
            count=LONGEST_BYTES,
        )
    if _HASH.fullmatch(password) or is_guessable(password, names):
        raise InvalidInput(
            "The password is easy to guess.",
            remedy="Use several words that do not belong together, and no name.",
        )


def hash_password(password: str, *, names: Iterable[str] = (), cost: int | None = None) -> str:
    """Return the bcrypt hash of a password that meets the policy.

    Parameters
    ----------
    password : str
        The password; a text that looks like a hash is refused, never taken for one.
    names : iterable of str
        As in :func:`check_policy`.
    cost : int, optional
        Binary logarithm of the number of rounds; :data:`COST` takes about a quarter of a second.

    Raises
    ------
    InvalidInput
        If the password does not meet :func:`check_policy`.
    """
    check_policy(password, names=names)
    salt = bcrypt.gensalt(COST if cost is None else cost)
    return bcrypt.hashpw(password.encode("utf-8"), salt).decode("ascii")


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether a password belongs to a hash; ``None`` (an unknown user) takes as long and is no.

    A password that bcrypt could not read takes as long and is no, too.
    """
    readable = _fits(password)
    candidate = password.encode("utf-8") if readable else b"unreadable"
    known = password_hash is not None
    stored = password_hash.encode("utf-8") if password_hash is not None else _NOBODY
    try:
        matches = bcrypt.checkpw(candidate, stored)
    except ValueError:
        bcrypt.checkpw(candidate, _NOBODY)
        return False
    return matches and known and readable


def generate_password(length: int = 20) -> str:
    """Return a random password without look-alike characters; 20 of them hold 116 bits."""
    if length < SHORTEST_CHARACTERS:
        raise ValueError(f"A password has at least {SHORTEST_CHARACTERS} characters.")
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(length))
        if not is_guessable(password):
            return password


def _fits(password: str) -> bool:
    try:
        encoded = password.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return len(encoded) <= LONGEST_BYTES and b"\x00" not in encoded
