"""Base64 that can be written in one way only.

The last letter may hold bits that mean nothing, and the standard library does not look at them: a
changed letter would give the same bytes. A proof has one spelling.
"""

import base64


def decoded(text: str) -> bytes:
    """Return the bytes of a text in standard base64.

    Raises
    ------
    ValueError
        If it is no base64, or not as :func:`base64.b64encode` writes those bytes.
    """
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode("ascii") != text:
        raise ValueError("the base64 has bits that mean nothing")
    return raw
