"""The interface of serving systems: any method, path, query and header, by the app's own server."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote_to_bytes

from app import asgi, session, token_limits
from core.services.serving import tokens
from tests.fuzz.target import Target, expect
from tests.support import coroutines
from tests.support.serving import MODEL, a_serving_workspace, prediction

_STATUSES = {200, 204, 400, 401, 403, 404, 405, 414, 421, 429}
_TOKEN = b"$TOKEN"


@contextmanager
def api_target(folder: Path) -> Iterator[Target]:
    """Give the routes below ``/api/``; the lines of the input are method, path, query, header.

    ``$TOKEN`` stands for a token that counts.
    """
    world = a_serving_workspace(folder / "home", rows=8)
    token = tokens.make_token(world.workspace, "fuzz", actor=world["admin"]).text.encode()
    with mock.patch.object(session, "workspace", return_value=world.workspace):

        def run(data: bytes) -> None:
            token_limits.failure_limit.cache_clear()
            lines = data.replace(_TOKEN, token).split(b"\n")
            method, path, query, given = (*lines, b"", b"", b"", b"")[:4]
            status, headers, body = coroutines.run(_ask(method, b"/api/" + path, query, given))
            _judge(status, headers, body, token in given)

        yield Target(run, _seeds())
    world.workspace.store.close()


def _seeds() -> tuple[bytes, ...]:
    state = f"v1/models/{MODEL}/state".encode()
    release = f"v1/models/{MODEL}/release/{prediction(2)}".encode()
    bearer = b"Bearer $TOKEN"
    return (
        b"\n".join([b"GET", state, b"", bearer]),
        b"\n".join([b"GET", release, b"x=1", bearer]),
        b"\n".join([b"POST", release.replace(b"L", b"%2e%2e/"), b"token=$TOKEN", b"Basic x"]),
        b"\n".join([b"GET", b"v1/models/%00/state", b"", b"Bearer hlt_a_b"]),
    )


def _judge(status: int, headers: Mapping[bytes, bytes], body: bytes, shown: bool) -> None:
    expect(status in _STATUSES, f"status {status}: {body[:200]!r}")
    expect(b"Traceback" not in body, "a stack trace")
    expect(b"set-cookie" not in headers, "a cookie")
    kind = headers.get(b"content-type", b"")
    if status == 200 and kind.startswith(b"application/json"):
        expect(shown, "an answer without a token")
        expect(json.loads(body)["model"] == MODEL, "an answer about another model")
        expect(headers.get(b"cache-control") == b"no-store", "an answer that may be kept")
    elif kind == b"application/problem+json":
        expect(json.loads(body or b'{"status": 0}')["status"] in {status, 0}, "another status")


async def _ask(
    method: bytes, path: bytes, query: bytes, given: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    scope = _scope(method, path, query, given)
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await asgi.app(scope, receive, send)
    start = next(each for each in sent if each["type"] == "http.response.start")
    body = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    return start["status"], {name.lower(): value for name, value in start["headers"]}, body


def _scope(method: bytes, path: bytes, query: bytes, given: bytes) -> dict[str, Any]:
    """Return a request as the server hands it on: it has refused control characters before."""
    clean = bytes(each for each in path if 0x20 < each < 0x7F and each not in b"?#")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method.decode("ascii", "replace").upper() or "GET",
        "scheme": "http",
        "path": unquote_to_bytes(clean).decode("utf-8", "replace"),
        "raw_path": clean,
        "query_string": bytes(each for each in query if 0x20 < each < 0x7F and each != 0x23),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8501"), (b"authorization", given.strip(b"\r\n\0"))],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8501),
        "extensions": {},
        "state": {},
    }
