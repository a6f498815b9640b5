"""What Streamlit would answer to anybody, and nobody here needs: it does not exist.

Its metrics tell how many people are signed in, how large their sessions are and which files the
process caches, to whoever asks.
"""

from itertools import pairwise

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

CLOSED = frozenset({("_stcore", "metrics")})


class ClosedRoutes:
    """ASGI middleware that answers 404 for routes of Streamlit's that nobody here needs.

    Parameters
    ----------
    app : ASGIApp
        What answers everything else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that there is no such thing."""
        if scope["type"] == "http" and _is_closed(str(scope["path"])):
            await PlainTextResponse("not found", status_code=404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_closed(path: str) -> bool:
    """Whether a path leads to a closed route, below whatever and with whatever slashes."""
    parts = [part for part in path.split("/") if part]
    return any(pair in CLOSED for pair in pairwise(parts))
