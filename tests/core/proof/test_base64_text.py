"""One spelling for each sequence of bytes (RFC 4648, section 3.5)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.proof.base64_text import decoded

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.mark.parametrize("text", ["QR==", "QV==", "QUJ=", "QQ", "Q Q==", "QQ==\n", "QQ==QQ==", "é"])
def test_another_spelling_is_refused(text: str) -> None:
    # "QQ==" is "A"; the four last bits of its second letter mean nothing.
    with pytest.raises(ValueError, match=r"."):
        decoded(text)


@given(raw=st.binary(max_size=70), data=st.data())
def test_a_changed_letter_never_gives_the_same_bytes(raw: bytes, data: st.DataObject) -> None:
    text = base64.b64encode(raw).decode()
    assert decoded(text) == raw
    body = text.rstrip("=")
    if body:
        place = data.draw(st.integers(0, len(body) - 1))
        letter = data.draw(st.sampled_from(LETTERS.replace(text[place], "")))
        try:
            found = decoded(text[:place] + letter + text[place + 1 :])
        except ValueError:
            return
        assert found != raw
