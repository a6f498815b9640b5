"""The app as one ASGI service: Streamlit, plus health, session cookie, exports and headers."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import api, session, shell
from app.ahead import read_ahead
from app.closed import ClosedRoutes
from app.components.desk import make_known
from app.downloads import send_attachment, send_export, send_proof
from app.forwarding import Forwarding, is_prepared
from app.headers import SecurityHeaders
from app.hosts import AllowedHosts
from app.session import COOKIE
from app.siblings import Siblings, sibling_sockets
from core.config import load_settings
from core.services.identity import sessions
from core.unforeseen import account_of, keep_values_out_of_logs

_LOG = logging.getLogger(__name__)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


async def health(request: Request) -> Response:
    """Answer whether the process serves and its workspace is there."""
    del request
    found = await asyncio.to_thread(load_settings().lake_dir.is_dir)
    text = "ok" if found else "no workspace"
    return JSONResponse({"status": text}, status_code=200 if found else 503)


async def open_session(request: Request) -> Response:
    """Exchange the single-use ticket of a sign-in for the session cookie."""
    if not _same_origin(request):
        return PlainTextResponse("refused", status_code=403)
    ticket = request.headers.get("X-Harbourlight-Ticket", "")
    value = await asyncio.to_thread(sessions.redeem, session.workspace(), ticket)
    if value is None:
        return PlainTextResponse("refused", status_code=403)
    lifetime = await asyncio.to_thread(sessions.cookie_lifetime, session.workspace())
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        value,
        # Seconds from now: a date would be read by a clock that may differ from ours.
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        secure=_is_secure(request),
        samesite="strict",
    )
    return response


async def end_session(request: Request) -> Response:
    """End the session of the cookie and take the cookie back."""
    if not _same_origin(request):
        return PlainTextResponse("refused", status_code=403)
    value = request.cookies.get(COOKIE, "")
    await asyncio.to_thread(sessions.end_by_cookie, session.workspace(), value)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, secure=_is_secure(request), samesite="strict")
    return response


async def incident(request: Request, error: Exception) -> Response:
    """Answer what nobody foresaw with a number; what happened is in the log only."""
    number = secrets.token_hex(4)
    _LOG.error("incident %s at %s: %s", number, _address(request), account_of(error))
    return PlainTextResponse(f"Incident {number}", status_code=500)


def _address(request: Request) -> str:
    """Return the path asked for, with names in place of values: ids of decisions are personal."""
    path = request.url.path
    for name, value in request.path_params.items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    return path


def _same_origin(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _is_secure(request: Request) -> bool:
    """Whether the cookie is for encrypted connections only: always, but on the machine itself.

    Both ends of the connection must be local and the browser must have asked for ``localhost``.
    Behind a proxy the name is that of the site, whatever headers say.
    """
    client = request.client.host if request.client else ""
    server = (request.scope.get("server") or ("", None))[0]
    plain = request.url.scheme == "http"
    return not (plain and {client, server, request.url.hostname} <= _LOCAL)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Read ahead beside the server, from its start to its end; nobody waits for it."""
    keep_values_out_of_logs()
    make_known()
    told = Event()
    reading = asyncio.create_task(asyncio.to_thread(read_ahead, session.workspace, told))
    yield
    told.set()
    await reading


ROUTES = [
    Route("/healthz", health, methods=["GET"]),
    Route("/auth/session", open_session, methods=["POST"]),
    Route("/auth/session", end_session, methods=["DELETE"]),
    Route("/exports/{file_id}", send_export, methods=["GET"]),
    Route("/exports/{file_id}/proof", send_proof, methods=["GET"]),
    Route("/attachments/{file_id}", send_attachment, methods=["GET"]),
    *api.ROUTES,
]

MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(AllowedHosts, hosts=load_settings().hosts),
    Middleware(Forwarding, prepared=is_prepared(load_settings())),
    Middleware(ClosedRoutes),
    Middleware(Siblings, sockets=sibling_sockets()),
]

app = st.App(
    Path(__file__).with_name("main.py"),
    routes=ROUTES,
    middleware=MIDDLEWARE,
    exception_handlers={Exception: incident},
    lifespan=lifespan,
    on_script_error=shell.on_script_error,
)
