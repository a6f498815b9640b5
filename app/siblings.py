"""Requests about a tab that another process of the app holds are passed on to that process.

A tab's state lives where its websocket ended. Its other requests, an uploaded file or a picture,
come over connections of their own and may reach any process. They are passed on over private
sockets that only the user who runs the app can open.
"""

import logging
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

VARIABLE = "HARBOURLIGHT_SIBLINGS"
_UPLOAD = re.compile(r"/_stcore/upload_file/([0-9A-Za-z-]+)/[^/]+")
_MEDIA = re.compile(r"/media/[^/]+")
_TAB = re.compile(r"/tab/([0-9A-Za-z-]+)")  # answered over a private socket only
_TIMEOUT_S = 60.0
_LOG = logging.getLogger(__name__)
# What belongs to a connection, not to what is sent over it. Where a request came from was judged
# before it is passed on.
_DROPPED = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
    | {"forwarded", "x-forwarded-for", "x-forwarded-proto"}
)


# The starter tells each process its own; it is no setting of a person's.
def sibling_sockets(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the paths of the other processes' private sockets, as the starter named them."""
    return tuple(filter(None, environment.get(VARIABLE, "").split(os.pathsep)))


class Siblings:
    """ASGI middleware that finds the process which a request belongs to.

    Parameters
    ----------
    app : ASGIApp
        What answers here.
    sockets : sequence of str
        Private sockets of the other processes; with none, everything is answered here.
    """

    def __init__(self, app: ASGIApp, sockets: Sequence[str] = ()) -> None:
        self._app = app
        self._sockets = tuple(sockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here, or pass the request on."""
        path = scope["path"] if scope["type"] == "http" and self._sockets else ""
        private = bool(path) and _is_private(scope)
        if private and (tab := _TAB.fullmatch(path)):
            await Response(status_code=204 if _holds(tab[1]) else 404)(scope, receive, send)
        elif not private and (upload := _UPLOAD.fullmatch(path)):
            await self._upload(upload[1], scope, receive, send)
        elif not private and _MEDIA.fullmatch(path):
            await self._media(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _upload(self, tab: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a file on to the process of its tab, if that is another one."""
        answer = None
        if not _holds(tab):
            for path in self._sockets:
                if await _has_tab(path, tab):
                    answer = await _passed_on(path, Request(scope, receive))
                    break
        await (answer or self._app)(scope, receive, send)

    async def _media(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the first process that has the file."""
        missing: list[Message] = []

        async def unless_missing(message: Message) -> None:
            if missing or message.get("status") == 404:
                missing.append(message)
            else:
                await send(message)

        await self._app(scope, receive, unless_missing)
        for path in self._sockets if missing else ():
            answer = await _passed_on(path, Request(scope))
            if answer is not None and answer.status_code < 400:
                await answer(scope, receive, send)
                return
        for message in missing:
            await send(message)


def _is_private(scope: Scope) -> bool:
    """Whether the request came over a private socket, which has a path and no port."""
    return (scope.get("server") or ("", None))[1] is None


def _holds(tab: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(tab)


def _client(path: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(uds=path)
    return httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_S, trust_env=False)


async def _has_tab(path: str, tab: str) -> bool:
    try:
        async with _client(path) as client:
            return (await client.get(f"http://localhost/tab/{tab}")).status_code == 204
    except httpx.TransportError as error:
        _LOG.warning("another process of the app did not answer: %s", error)
        return False


async def _passed_on(path: str, request: Request) -> Response | None:
    """Return what the process at the other end answers; ``None`` if it does not."""

    async def body() -> AsyncIterator[bytes]:
        async for part in request.stream():
            yield part

    sent = [(name, value) for name, value in request.headers.raw if name.decode() not in _DROPPED]
    has_body = request.method not in {"GET", "HEAD", "OPTIONS"}
    try:
        async with _client(path) as client:
            found = await client.request(
                request.method,
                httpx.URL(scheme="http", host="localhost", raw_path=_target(request)),
                headers=sent,
                content=body() if has_body else None,
            )
    except httpx.TransportError as error:
        _LOG.warning("another process of the app did not answer: %s", error)
        return None
    kept = {name: value for name, value in found.headers.items() if name not in _DROPPED}
    kept.pop("content-encoding", None)  # httpx has unpacked it
    kept.pop("content-length", None)
    return Response(found.content, found.status_code, kept)


def _target(request: Request) -> bytes:
    path = bytes(request.scope["raw_path"])
    query = bytes(request.scope["query_string"])
    return path + b"?" + query if query else path
