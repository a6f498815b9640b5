"""Refuses and records every attempt of a Python process to reach another machine.

A process imports this by itself when this folder is on PYTHONPATH, and so do its children. The
interpreter's audit events tell of every connection, datagram and look-up of a name before it
happens, whichever library makes it.
"""

import errno
import ipaddress
import json
import os
import sys
import traceback

LOG_VARIABLE = "HARBOURLIGHT_OUTBOUND_LOG"
_LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_HERE = frozenset({"", "localhost", "0.0.0.0", "::"})  # noqa: S104  # compared, not listened on


def is_here(host: object) -> bool:
    """Whether a name or address means this machine."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if text in _HERE:
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool(address.is_loopback or (mapped is not None and mapped.is_loopback))


def target(event: str, arguments: tuple[object, ...]) -> object:
    """Return which host an event is about; ``None`` if none."""
    if event in _LOOKUPS:
        first = arguments[0]
        return first[0] if isinstance(first, tuple) else first
    if event in _SENDS:
        address = arguments[1]
        # A path is a socket of this machine; no address means an open connection's.
        return address[0] if isinstance(address, tuple) else None
    return None


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Record an attempt to reach another machine, and fail it."""
    host = target(event, arguments)
    if host is None or is_here(host):
        return
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_stack()[:-1]]
    line = {"event": event, "host": str(host), "pid": os.getpid(), "stack": frames[-12:]}
    handle = os.open(os.environ[LOG_VARIABLE], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, (json.dumps(line) + "\n").encode())
    os.close(handle)
    raise OSError(errno.ENETUNREACH, f"{event} to {host} is refused by the tests")


if LOG_VARIABLE in os.environ:
    sys.addaudithook(refuse)
