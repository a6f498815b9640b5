"""A workspace with a model, a receiver on this machine, and a folder of programs that may run."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.services.workspace import Workspace
from tests.support.checking import a_fed_workspace
from tests.support.fakes import FakeClock


@dataclass
class Request:
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was posted to it; it answers as told."""

    server: ThreadingHTTPServer
    got: list[Request] = field(default_factory=list)
    status: int = 200
    said: bytes = b"thank you"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks?key=s3cret"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Posts(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.got.append(Request(headers, body))
            self.send_response(made.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(made.said)

        def log_message(self, *_: object) -> None:
            pass

    made = Receiver(ThreadingHTTPServer(("127.0.0.1", 0), Posts))
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir(mode=0o755)
    return folder


def _site(tmp_path: Path, programs: Path, clock: FakeClock, url: str | None) -> Workspace:
    opened = a_fed_workspace(
        tmp_path / "home", state_url=url, versions=[{"id": "1"}, {"id": "2"}, {"id": "3"}]
    )
    settings = replace(opened.settings, hook_commands=(programs,))
    return replace(opened, clock=clock, settings=settings)


@pytest.fixture
def site(tmp_path: Path, programs: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = _site(tmp_path, programs, clock, None)
    yield opened
    opened.store.close()


@pytest.fixture
def either(tmp_path: Path, programs: Path, clock: FakeClock, store_url: str) -> Iterator[Workspace]:
    """The same on SQLite and on PostgreSQL."""
    opened = _site(tmp_path, programs, clock, store_url)
    yield opened
    opened.store.close()
