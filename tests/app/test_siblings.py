"""A request about a tab of another process reaches that process; everything else stays here."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import siblings
from app.siblings import Siblings, sibling_sockets
from tests.support.coroutines import run

HELD = "11111111-2222-3333-4444-555555555555"
ELSEWHERE = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


class Client:
    """Asks an app in this process, as a browser would over the public port."""

    def __init__(self, app: Siblings) -> None:
        self._transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://testserver:8501"
            ) as client:
                return await client.request(method, path, **options)

        return run(asked())

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("PUT", path, **options)


@dataclass
class Fake:
    """An app that keeps what it is asked and has one picture."""

    name: str
    pictures: frozenset[str] = frozenset()
    asked: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)

    async def any(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append((request.method, str(request.url.path), body, dict(request.headers)))
        return PlainTextResponse(f"{self.name}: {len(body)}", headers={"X-Kept": "yes"})

    async def media(self, request: Request) -> Response:
        if request.path_params["name"] not in self.pictures:
            return PlainTextResponse("File not found", status_code=404)
        return Response(self.name.encode(), media_type="image/png")

    def asgi(self, *paths: str) -> Siblings:
        methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]
        routes = [
            Route("/media/{name}", self.media, methods=["GET"]),
            Route("/{path:path}", self.any, methods=methods),
        ]
        return Siblings(Starlette(routes=routes), paths)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a tab be held by whoever runs in the thread of the server, and by nobody here."""

    def say(*tabs: str) -> None:
        def held(tab: str) -> bool:
            return tab in tabs and threading.current_thread().name == "sibling"

        monkeypatch.setattr(siblings, "_holds", held)

    return say


@pytest.fixture
def other() -> Iterator[tuple[Fake, str]]:
    """Serve a second process's app on a private socket."""
    fake = Fake("other", frozenset({"there.png"}))
    with tempfile.TemporaryDirectory() as folder, socket(AF_UNIX) as listening:
        path = str(Path(folder) / "1.sock")
        listening.bind(path)
        listening.listen()
        config = uvicorn.Config(fake.asgi("nowhere"), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="sibling")
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield fake, path
        server.should_exit = True
        thread.join()


def test_a_file_goes_to_the_process_of_its_tab(
    other: tuple[Fake, str], holds: Callable[..., None]
) -> None:
    holds(ELSEWHERE)
    there, path = other
    here = Fake("here")
    client = Client(here.asgi(path))
    content = bytes(range(256)) * 4_096
    answer = client.put(
        f"/_stcore/upload_file/{ELSEWHERE}/file1?x=1",
        content=content,
        headers={"X-Xsrftoken": "token", "X-Forwarded-For": "10.9.9.9", "Cookie": "a=b"},
    )
    assert (answer.status_code, answer.text) == (200, f"other: {len(content)}")
    assert answer.headers["X-Kept"] == "yes"
    assert here.asked == []
    ((method, asked, body, headers),) = there.asked
    assert (method, asked, body) == ("PUT", f"/_stcore/upload_file/{ELSEWHERE}/file1", content)
    assert (headers["x-xsrftoken"], headers["cookie"], headers["host"]) == (
        "token",
        "a=b",
        "testserver:8501",
    )
    assert "x-forwarded-for" not in headers


@pytest.mark.parametrize("tab", [HELD, "unknown-to-everybody"])
def test_a_file_that_no_other_process_wants_stays_here(
    other: tuple[Fake, str], holds: Callable[..., None], tab: str
) -> None:
    holds()
    here = Fake("here")
    answer = Client(here.asgi(other[1])).put(f"/_stcore/upload_file/{tab}/f", content=b"12345")
    assert answer.text == "here: 5"
    assert other[0].asked == []


def test_what_is_held_here_is_not_asked_elsewhere(
    other: tuple[Fake, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siblings, "_holds", lambda _tab: True)
    answer = Client(Fake("here").asgi(other[1])).put(f"/_stcore/upload_file/{HELD}/f", content=b"1")
    assert answer.text == "here: 1"


def test_a_picture_comes_from_whoever_has_it(other: tuple[Fake, str]) -> None:
    client = Client(Fake("here", frozenset({"here.png"})).asgi(other[1]))
    assert client.get("/media/here.png").content == b"here"
    found = client.get("/media/there.png")
    assert (found.content, found.headers["content-type"]) == (b"other", "image/png")
    missing = client.get("/media/nowhere.png")
    assert (missing.status_code, missing.text) == (404, "File not found")


def test_everything_else_is_answered_here(other: tuple[Fake, str]) -> None:
    here = Fake("here")
    client = Client(here.asgi(other[1]))
    for path in ("/", "/healthz", f"/tab/{HELD}", "/_stcore/upload_file/", "/media/", "/exports/1"):
        assert client.get(path).text == "here: 0"
    assert other[0].asked == []


def test_a_process_that_is_gone_is_passed_over(
    tmp_path: Path, holds: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    holds()
    client = Client(Fake("here").asgi(str(tmp_path / "gone.sock")))
    answer = client.put(f"/_stcore/upload_file/{ELSEWHERE}/f", content=b"123")
    assert answer.text == "here: 3"
    assert client.get("/media/there.png").status_code == 404
    assert "did not answer" in caplog.text


def test_the_starter_names_the_sockets() -> None:
    assert sibling_sockets({"HARBOURLIGHT_SIBLINGS": "/a/0.sock:/a/2.sock"}) == (
        "/a/0.sock",
        "/a/2.sock",
    )
    assert sibling_sockets({}) == ()
