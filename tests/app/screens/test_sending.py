"""Why something was not delivered, in each language."""

import socket

import pytest

from app.screens.sending import failure_words
from core.i18n import translator
from core.services.hooks.calling import OFF
from core.services.outbound import reason, send


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        ("timed out", "no answer in time", "對方沒有及時回應"),
        (OFF, "switched off meanwhile", "其後已停用"),
        ("exit code 3", "exit code 3", "結束代碼 3"),
        ("HTTP 503", "HTTP 503", "HTTP 503"),
        ("words of some system", "words of some system", "words of some system"),
    ],
)
def test_what_is_known_is_said_in_the_readers_language(
    error: str, english: str, chinese: str
) -> None:
    assert failure_words(translator("en"), error) == english
    assert failure_words(translator("zh-HK"), error) == chinese


def test_the_words_of_this_system_are_known() -> None:
    """As they come out of a port that nobody listens at, and of a time that is over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failure = send(f"http://127.0.0.1:{port}/", b"{}", "application/json").failure
    assert failure_words(translator("en"), failure) == "nobody answers at the address"
    assert failure_words(translator("en"), reason(TimeoutError())) == "no answer in time"
