"""The sockets of the app's processes: a share of the public port, and a private one for each."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import Conflict

_BACKLOG = 1024
_ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where one process of the app listens.

    Parameters
    ----------
    public : socket
        Bound to the app's port. Linux deals new connections out among the sockets of one port.
    private : socket
        For the other processes and for the starter; open to nobody but our own user.
    path : Path
        Where the private socket is in the file system.
    """

    public: socket.socket
    private: socket.socket
    path: Path


@contextmanager
def open_doors(address: str, port: int, count: int, folder: Path) -> Iterator[tuple[Door, ...]]:
    """Open the sockets of so many processes, all listening, until the end of the block.

    Parameters
    ----------
    address, port : str, int
        The public address.
    count : int
        How many processes there are.
    folder : Path
        Where private sockets go; only our own user may open it.

    Raises
    ------
    Conflict
        If the port is taken.
    """
    _refuse_taken_port(address, port)
    with ExitStack() as stack:
        doors = []
        for number in range(count):
            public = stack.enter_context(_public(address, port, shared=count > 1))
            path = folder / f"{number}.sock"
            private = stack.enter_context(socket.socket(socket.AF_UNIX))
            private.bind(str(path))
            private.listen(_BACKLOG)
            doors.append(Door(public, private, path))
        yield tuple(doors)


def answers(path: Path) -> bool:
    """Whether the process behind a private socket serves."""
    connection = _Private(path)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class _Private(http.client.HTTPConnection):
    """HTTP over a private socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_ANSWER_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _public(address: str, port: int, *, shared: bool) -> socket.socket:
    family = _family(address)
    opened = socket.socket(family)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    opened.bind((address, port))
    opened.listen(_BACKLOG)
    return opened


def _refuse_taken_port(address: str, port: int) -> None:
    """Ask without sharing: a port of another program that shares it would let us in."""
    with socket.socket(_family(address)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise Conflict(
                "Port {port} on {address} is taken: {reason}.",
                remedy="Stop what listens there, or choose another with --port.",
                port=port,
                address=address,
                reason=error.strerror or str(error),
            ) from error


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
