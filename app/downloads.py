"""The route of files to take away: to anybody but their owner they do not exist."""

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app import session
from core.errors import Forbidden, NotFound
from core.services import exports, sessions


async def send_export(request: Request) -> Response:
    """Send a file to its owner, as an attachment that runs nothing."""
    value = request.cookies.get(session.COOKIE, "")
    try:
        return await asyncio.to_thread(_send, value, request.path_params["export_id"])
    except (NotFound, Forbidden):
        return PlainTextResponse("not found", status_code=404)


def _send(cookie: str, export_id: str) -> Response:
    workspace = session.workspace()
    actor = sessions.from_cookie(workspace, cookie)
    if actor is None or actor.duty is not None:
        return PlainTextResponse("not found", status_code=404)
    record, content = exports.fetch(workspace, export_id, actor=actor)
    return Response(
        content,
        media_type=record.media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(record.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-SHA256": record.sha256,
        },
    )
