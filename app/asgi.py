"""The app as one ASGI service: Streamlit, plus health, session cookie, exports and headers."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import exports, session, shell
from app.headers import SecurityHeaders
from app.session import COOKIE
from app.session_store import LONGEST, session_store
from core.config import load_settings
from core.errors import HarbourlightError
from core.services.overview import overview
from core.services.worker import WORKER

_LOG = logging.getLogger(__name__)


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
    session_id = session_store().redeem(request.headers.get("X-Harbourlight-Ticket", ""))
    if session_id is None:
        return PlainTextResponse("refused", status_code=403)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        session_id,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        secure=_is_https(request),
        samesite="strict",
    )
    return response


async def end_session(request: Request) -> Response:
    """End the session of the cookie and take the cookie back."""
    if not _same_origin(request):
        return PlainTextResponse("refused", status_code=403)
    session_store().end_by_id(request.cookies.get(COOKIE, ""))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, secure=_is_https(request), samesite="strict")
    return response


async def send_export(request: Request) -> Response:
    """Send a file to its owner; to anybody else it does not exist."""
    record = session_store().find(request.cookies.get(COOKIE, ""))
    if record is None:
        return PlainTextResponse("not found", status_code=404)
    found = await asyncio.to_thread(
        exports.find,
        load_settings().exports_dir,
        request.path_params["export_id"],
        user_id=record.user_id,
        now=datetime.now(UTC),
    )
    if found is None:
        return PlainTextResponse("not found", status_code=404)
    export, path = found
    return FileResponse(
        path,
        media_type=export.media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(export.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-SHA256": export.sha256,
        },
    )


def _same_origin(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _is_https(request: Request) -> bool:
    return "https" in (request.url.scheme, request.headers.get("X-Forwarded-Proto"))


def warm_up() -> None:
    """Read what the first page needs into memory, so that its first reader does not wait."""
    try:
        overview(session.workspace(), actor=WORKER)
    except HarbourlightError as error:
        _LOG.info("nothing to warm up: %s", error)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up beside the start of the server; nobody waits for it."""
    warming = asyncio.create_task(asyncio.to_thread(warm_up))
    yield
    await warming


ROUTES = [
    Route("/healthz", health, methods=["GET"]),
    Route("/auth/session", open_session, methods=["POST"]),
    Route("/auth/session", end_session, methods=["DELETE"]),
    Route("/exports/{export_id}", send_export, methods=["GET"]),
]

app = st.App(
    Path(__file__).with_name("main.py"),
    routes=ROUTES,
    middleware=[Middleware(SecurityHeaders)],
    lifespan=lifespan,
    on_script_error=shell.on_script_error,
)
