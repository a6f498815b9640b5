"""The one way by which anchors of the audit trail and hooks speak HTTP to others.

No redirect is followed: what goes out goes where somebody decided that it goes. No proxy of the
environment is asked, and a server that answers drop by drop is cut off.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
_WHOLE_S = 30.0
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: why it counts as a failure, or an empty text; status and body if any did."""

    failure: str
    body: bytes = b""
    status: int | None = None


def send(
    url: str,
    body: bytes,
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    within_s: float = _WHOLE_S,
) -> Answer:
    """Post to an address, and return what it answers or why it does not.

    Parameters
    ----------
    url : str
        An address that :func:`is_address` lets pass.
    body, media_type : bytes, str
        What is sent.
    headers : mapping, optional
        Told besides.
    within_s : float
        Seconds for the whole, from the connection on.
    """
    parts = urlsplit(url)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, within_s)
        try:
            connection.connect()
            with _cut_after(connection.sock, within_s) as cut:
                connection.request(
                    "POST", target, body, {"Content-Type": media_type, **(headers or {})}
                )
                answer = connection.getresponse()
                status, content = answer.status, answer.read(_MOST_BYTES)
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return Answer(reason(error))
    if cut.is_set():
        return Answer("timed out")
    return Answer("" if 200 <= status < 300 else f"HTTP {status}", content, status)


@contextmanager
def _cut_after(connected: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """End a connection that lasts too long, whatever goes on in it; the event says whether."""
    done = threading.Event()

    def cut() -> None:
        done.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield done
    finally:
        timer.cancel()


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


def _connection(scheme: str, host: str, port: int | None, within_s: float) -> HTTPConnection:
    timeout = min(TIMEOUT_S, within_s)
    if scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=timeout, context=context)
    return HTTPConnection(host, port, timeout=timeout)
