"""A commitment to a payload: fixed by the audit trail, open to nobody without the subject's key."""

import hmac
from hashlib import sha256


def commitment(key: bytes, payload: bytes) -> str:
    """Return HMAC-SHA256(key, payload) in hex.

    Parameters
    ----------
    key : bytes
        The subject's 32 random bytes. A hash without a key could be found by guessing, as there
        are few identity numbers; once the key is destroyed nobody can test a guess any more.
    payload : bytes
        Canonical JSON.
    """
    return hmac.new(key, payload, sha256).hexdigest()
