import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from app.hosts import AllowedHosts, host_name
from tests.support import coroutines


async def page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("secret")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("secret")


APP = AllowedHosts(
    Starlette(routes=[Route("/", page), WebSocketRoute("/stream", stream)]),
    ["harbour.example", "*.inside.example"],
)


def ask(kind: str, *hosts: str) -> list[Message]:
    sent: list[Message] = []
    scope = {
        "type": kind,
        "method": "GET",
        "path": "/" if kind == "http" else "/stream",
        "query_string": b"",
        "headers": [(b"host", host.encode("latin-1")) for host in hosts],
        "subprotocols": [],
    }

    async def receive() -> Message:
        return {"type": "http.request"} if kind == "http" else {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    coroutines.run(APP(scope, receive, send))
    return sent


OURS = ["localhost", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:1", "harbour.example",
        "Harbour.Example.", "a.inside.example:443"]  # fmt: skip
STRANGERS = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "inside.example",
             "a.b.inside.example", "harbour.example.evil", "", "evil.example:127.0.0.1", "[::2]",
             "127.0.0.2"]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_our_own_names(kind: str, host: str) -> None:
    assert "secret" in str(ask(kind, host))


@pytest.mark.parametrize("host", STRANGERS)
def test_a_name_that_was_pointed_at_us(host: str) -> None:
    answer = ask("http", host)
    assert answer[0]["status"] == 421
    assert "secret" not in str(answer)
    assert ask("websocket", host) == [{"type": "websocket.close", "code": 1008}]


def test_two_names_or_none() -> None:
    assert ask("http", "localhost", "evil.example")[0]["status"] == 421
    assert ask("http")[0]["status"] == 421


def test_names_of_a_host_header() -> None:
    assert host_name("[::1]:80") == "::1"
    assert host_name(" A.B:80 ") == "a.b"
