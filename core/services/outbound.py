"""The one way by which the audit trail's anchors speak HTTP to others; nothing else does.

No redirect is followed: what goes out goes where somebody decided that it goes.
"""

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: why nothing did, or an empty text and the body."""

    failure: str
    body: bytes = b""


def send(url: str, body: bytes, media_type: str) -> Answer:
    """Post to an address, and return what it answers or why it does not."""
    parts = urlsplit(url)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("POST", target, body, {"Content-Type": media_type})
            answer = connection.getresponse()
            status, content = answer.status, answer.read(_MOST_BYTES)
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return Answer(reason(error))
    return Answer("", content) if 200 <= status < 300 else Answer(f"HTTP {status}")


def reason(error: BaseException) -> str:
    """Return why a connection failed, in the words of the system."""
    return str(getattr(error, "strerror", None) or type(error).__name__)


def host_of(url: str) -> str:
    """Return the host of an address, which is all that is shown of it."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_address(url: str, *, in_the_open: bool = False) -> bool:
    """Whether an address may be used: https, or http to this machine, or http where allowed."""
    host = host_of(url)
    if not host or any(letter.isspace() or not letter.isprintable() for letter in url):
        return False
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and (in_the_open or is_this_machine(host)))


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    return HTTPConnection(host, port, timeout=TIMEOUT_S)
