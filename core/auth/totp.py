"""One-time codes of an authenticator app (RFC 6238): 6 digits, 30 seconds, SHA-1, by pyotp.

A code counts once: whoever looks over a shoulder cannot use what was typed. The caller keeps the
newest step used; codes of one step before and after now are taken, for clocks that differ.
"""

import hmac
import secrets
import unicodedata
from datetime import datetime

import pyotp

STEP_S = 30
_TOLERANCE = (0, -1, 1)
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 12
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """Return a fresh shared secret: 160 random bits in base32."""
    return str(pyotp.random_base32())


def provisioning_uri(secret: str, username: str, issuer: str = "Harbourlight") -> str:
    """Return the ``otpauth://`` address that an authenticator app reads from a picture."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer))


def code_at(secret: str, at: datetime) -> str:
    """Return the code that an app shows at an instant."""
    return str(pyotp.TOTP(secret).at(at))


def matching_step(secret: str, code: str, *, at: datetime, last_step: int) -> int | None:
    """Return the time step whose code was given, if it is one near now and newer than the last.

    Parameters
    ----------
    secret : str
        In base32.
    code : str
        As typed; spaces do not matter.
    at : datetime
        Now, aware.
    last_step : int
        The newest step whose code was used.
    """
    typed = tidy(code)
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    found = None
    for offset in _TOLERANCE:
        expected = str(totp.generate_otp(now + offset))
        matches = hmac.compare_digest(expected.encode(), typed.encode("utf-8", "replace"))
        if matches and now + offset > last_step and found is None:
            found = now + offset
    return found


def tidy(code: str) -> str:
    """Return a typed code in the form that is compared: no spaces or dashes, lower case."""
    plain = unicodedata.normalize("NFKC", code).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes for the day the app is lost: 12 letters and digits each, 59 random bits."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4))
