"""Which names the app answers to: a page of another name that resolves to us is turned away.

Without it, a stranger's site could point its own name at this machine (DNS rebinding) and read
what the browser then takes for that site's own pages. Websockets are asked the same.
"""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ALWAYS = ("localhost", "127.0.0.1", "::1")


class AllowedHosts:
    """ASGI middleware that answers only requests whose ``Host`` is one of ours.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    hosts : iterable of str
        Names beside those of the machine itself, without ports; ``*.example.com`` stands for
        every name below ``example.com``.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._names = frozenset(ALWAYS) | {name.lower() for name in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away."""
        if scope["type"] not in {"http", "websocket"} or self._is_ours(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("unknown host", status_code=421)(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        given = headers.getlist("host")
        if len(given) != 1:
            return False
        name = host_name(given[0])
        parent = name.partition(".")[2]
        return name in self._names or (bool(parent) and f"*.{parent}" in self._names)


def host_name(host: str) -> str:
    """Return the name of a ``Host`` header in small letters, without port and brackets."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].removesuffix(".")
