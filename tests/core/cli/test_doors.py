"""The sockets of the app's processes: who may open them, and how connections are dealt out."""

import os
import selectors
import socket
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from core.cli.doors import answers, open_doors
from core.errors import Conflict

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux deals connections out")


@pytest.fixture
def folder() -> Iterator[Path]:
    # The path of a Unix socket may have 107 letters; pytest's own folders can be longer.
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@linux
def test_connections_to_one_port_are_dealt_out(folder: Path) -> None:
    port = free_port()
    with open_doors("127.0.0.1", port, 3, folder) as doors, selectors.DefaultSelector() as ready:
        assert {door.public.getsockname() for door in doors} == {("127.0.0.1", port)}
        for number, door in enumerate(doors):
            ready.register(door.public, selectors.EVENT_READ, number)
        taken = [0, 0, 0]
        for _ in range(120):
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                (key, _), *others = ready.select(timeout=5)
                assert not others
                door = doors[key.data]
                door.public.accept()[0].close()
                taken[key.data] += 1
    # Each gets 40 of 120 on average; that one gets none has odds of 3 × (2/3)^120 < 10^-20.
    assert min(taken) > 0


def test_nobody_else_may_open_a_private_socket(folder: Path) -> None:
    with open_doors("127.0.0.1", free_port(), 2, folder) as doors:
        assert len({door.path for door in doors}) == 2
        for door in doors:
            assert stat.S_ISSOCK(door.path.stat().st_mode)
            kept = door.path.parent.stat()
            assert kept.st_uid == os.getuid()
            assert stat.S_IMODE(kept.st_mode) == 0o700


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_a_port_of_another_program_is_refused(folder: Path, shares: bool, count: int) -> None:
    with socket.socket() as other:
        if shares:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(Conflict, match=rf"Port {port} .* is taken"),
            open_doors("127.0.0.1", port, count, folder),
        ):
            pass


def test_a_door_that_was_closed_is_free_again(folder: Path) -> None:
    port = free_port()
    with open_doors("127.0.0.1", port, 1, folder):
        pass
    (folder / "0.sock").unlink()
    with open_doors("127.0.0.1", port, 1, folder) as doors:
        assert doors[0].public.getsockname()[1] == port


class _Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/_stcore/health" else 404)
        self.end_headers()

    def address_string(self) -> str:
        return "private"

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False)])
def test_a_process_answers_once_it_is_healthy(folder: Path, status: int, expected: bool) -> None:
    path = folder / "one.sock"
    assert not answers(path)
    handler = type("Handler", (_Health,), {"status": status})
    with UnixStreamServer(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        assert answers(path) is expected
        server.shutdown()
        thread.join()
