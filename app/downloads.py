"""The routes of files to take away: to anybody who may not have them they do not exist."""

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app import session
from core.domain.identity import Actor
from core.errors import Forbidden, NotFound, StepUpNeeded
from core.services import exports
from core.services.audit import export_proofs
from core.services.identity import sessions
from core.services.review import files
from core.services.workspace import Workspace

# A browser that opens such a file inline would read markup in it; it is handed over as bytes.
_INERT = {"message/rfc822": "application/octet-stream"}
_Answer = Callable[[Workspace, str, Actor], Response]


async def send_export(request: Request) -> Response:
    """Send a file to its owner, as an attachment that runs nothing."""
    return await _answered(request, _file)


async def send_proof(request: Request) -> Response:
    """Send what ties the file to the audit trail, as an attachment of the file's name."""
    return await _answered(request, _proof)


async def send_attachment(request: Request) -> Response:
    """Send a file of a case to somebody who may see it, as an attachment that runs nothing."""
    return await _answered(request, _attached)


async def _answered(request: Request, answer: _Answer) -> Response:
    value = request.cookies.get(session.COOKIE, "")
    try:
        return await asyncio.to_thread(_send, value, request.path_params["file_id"], answer)
    except StepUpNeeded:
        again = "give your password or a code on the page of the case, and try again"
        return PlainTextResponse(again, status_code=403)
    except (NotFound, Forbidden):
        return PlainTextResponse("not found", status_code=404)


def _send(cookie: str, file_id: str, answer: _Answer) -> Response:
    workspace = session.workspace()
    actor = sessions.from_cookie(workspace, cookie)
    if actor is None or actor.duty is not None:
        return PlainTextResponse("not found", status_code=404)
    return answer(workspace, file_id, actor)


def _file(workspace: Workspace, export_id: str, actor: Actor) -> Response:
    record, content = exports.fetch(workspace, export_id, actor=actor)
    return _attachment(record.name, record.media_type, content, record.sha256)


def _proof(workspace: Workspace, export_id: str, actor: Actor) -> Response:
    record, content = export_proofs.side_file(workspace, export_id, actor=actor)
    return _attachment(f"{record.name}.proof.json", "application/json", content, record.sha256)


def _attached(workspace: Workspace, file_id: str, actor: Actor) -> Response:
    record, content = files.read_file(workspace, file_id, actor=actor)
    return _attachment(record.name, _INERT.get(record.media_type, record.media_type), content,
                       record.sha256)  # fmt: skip


def _attachment(name: str, media_type: str, content: bytes, sha256: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-SHA256": sha256,
        },
    )
