"""Which addresses are taken, and which side doors are not."""

import pytest

from core.errors import InvalidInput
from core.services.alerts.addresses import checked_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mailtos://u:p%40@mail.example.com:587?to=a@b.c&from=x@y.z", "mailtos://mail.example.com"),
        ("mailto://localhost:2525?to=a@b.c", "mailto://localhost"),
        ("jsons://hook.example.com/path/token?+Authorization=x", "jsons://hook.example.com"),
        ("json://127.0.0.1:8080/", "json://127.0.0.1"),
        ("slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc", "slack"),
        ("workflows://x.logic.azure.com:443/id/sig/", "workflows"),
    ],
)
def test_kinds_that_are_allowed_show_no_secret(url: str, shown: str) -> None:
    found = checked_address(url)
    assert (found.shown, found.url) == (shown, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "syslog://localhost",
        "exec://x",
        "windows://",
        "http://example.com/apprise.yml",
        "mailtos://",
        "jsons://a b/",
        "jsons://host:99999/",
        "json://example.com/",
        "mailto://u:p@example.com?to=a@b.c",
        "mailto://u:p@localhost?smtp=mail.example.com&to=a@b.c",
        "mailtos://u:p@example.com?to=a@b.c&mode=insecure",
        "jsons://example.com/?verify=no",
        "jsons://example.com/?redirect=yes",
        "slack://a/b/c?template=/etc/passwd",
        "workflows://h/a/b?template=file.json",
        "mailtos://u:p@example.com?pgppub=/etc/key&to=a@b.c",
        "jsons://example.com/?rto=9999",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        checked_address(url)
