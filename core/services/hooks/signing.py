"""Signing what hooks are told, as https://www.standardwebhooks.com has it.

The signature covers id, moment and body, so that a receiver can refuse what was changed, what is
old, and what it has had before.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a fresh secret of 256 bits, as receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def signature(secret: str, call_id: str, timestamp: str, body: bytes) -> str:
    """Return ``v1,`` and the HMAC-SHA256 of ``id.timestamp.body`` in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{call_id}.{timestamp}.".encode("ascii") + body
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode("ascii")


def signed_headers(secret: str, call_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the three headers of a call that begins now."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": call_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, call_id, timestamp, body),
    }
