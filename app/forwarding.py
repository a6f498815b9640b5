"""Believing a reverse proxy only if it is named.

uvicorn takes ``X-Forwarded-For`` from the machine itself for true unless ``FORWARDED_ALLOW_IPS``
says else, and reads that variable before it loads the app: ``harbourlight serve`` sets it. Started
in another way without it, the app cannot tell a browser's address from a made-up one and refuses
such requests.
"""

import os

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.config import Settings

_VARIABLE = "FORWARDED_ALLOW_IPS"
_NAMES = ("x-forwarded-for", "x-forwarded-proto")
_ANSWER = b"This server was started without knowing its proxy."


def is_prepared(settings: Settings) -> bool:
    """Whether the server was started with the proxies that the settings name."""
    # uvicorn reads it from there, not from our settings: what it saw is what counts.
    return os.environ.get(_VARIABLE) == ",".join(settings.trusted_proxies)


class Forwarding:
    """ASGI middleware that refuses forwarded headers which uvicorn should not have believed."""

    def __init__(self, app: ASGIApp, *, prepared: bool) -> None:
        self._app = app
        self._prepared = prepared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if (
            self._prepared
            or scope["type"] not in {"http", "websocket"}
            or not any(name in Headers(scope=scope) for name in _NAMES)
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 400, "headers": headers})
            await send({"type": "http.response.body", "body": _ANSWER})
