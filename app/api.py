"""What serving systems ask over HTTP, with a bearer token; documented in docs/api.md.

Cookies are not looked at, nothing is cached, and whatever goes wrong is an answer that a caller
must take for "held".
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app import session
from app.token_limits import failure_limit
from core.errors import HarbourlightError, NotFound
from core.services.rights import opt_outs
from core.services.serving import releases, tokens
from core.services.serving import state as states
from core.services.serving.tokens import TokenRefused
from core.unforeseen import account_of

_LOG = logging.getLogger(__name__)
_HEADERS = {"Cache-Control": "no-store", "Vary": "Authorization"}
_TITLES = {
    400: "The question is not complete",
    401: "A valid token is needed",
    403: "The token does not allow this",
    404: "Not found",
    405: "Only questions are answered",
    414: "The id is too long",
    429: "Too many refused questions",
    503: "The state cannot be read",
}
# Why a token is refused → the status; a model outside a token's scope does not exist for it.
_STATUS = {"action": 403, "model": 404}
# What kind of refusal tells a stranger nothing: unknown, revoked and expired look the same.
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="harbourlight"'}
_ALLOW = {"Allow": "GET, HEAD, OPTIONS"}
_LONGEST_ID = 1_000

Question = Callable[[str], Mapping[str, Any]]
"""Of the id of the token that asks."""


async def model_state(request: Request) -> Response:
    """Answer whether a model is in production, and what takes over if it is not."""
    model_id = request.path_params["model_id"]
    return await _answer(
        request,
        "model.state",
        model_id,
        lambda _: _model_state(model_id),
    )


async def release_state(request: Request) -> Response:
    """Answer whether a prediction may take effect."""
    model_id, prediction_id = (request.path_params[key] for key in ("model_id", "prediction_id"))
    return await _answer(
        request,
        "release.read",
        model_id,
        lambda token_id: _release(model_id, prediction_id, token_id),
    )


async def opted_out(request: Request) -> Response:
    """Answer whether whom a prediction is about does not want a model alone to decide."""
    model_id, prediction_id = (request.path_params[key] for key in ("model_id", "prediction_id"))
    return await _answer(
        request,
        "opt_out.read",
        model_id,
        lambda token_id: _opted_out(
            model_id, opt_outs.answer_prediction, prediction_id, token_id=token_id
        ),
    )


async def subject_opted_out(request: Request) -> Response:
    """Answer the same of a customer, whose reference is in a header: addresses are logged."""
    model_id, reference = request.path_params["model_id"], _subject(request)
    if request.method in {"GET", "HEAD"} and not reference:
        return problem(400, "Name the customer in the header Harbourlight-Subject.")
    return await _answer(
        request,
        "opt_out.read",
        model_id,
        lambda token_id: _opted_out(
            model_id, opt_outs.answer_subject, reference, token_id=token_id
        ),
    )


async def no_such_route(request: Request) -> Response:
    """Answer what is not a route of this interface, instead of the app's own page."""
    del request
    return problem(404, "There is no such route.")


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as RFC 9457 has it."""
    return JSONResponse(
        {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail},
        status_code=status,
        headers={**_HEADERS, **(headers or {})},
        media_type="application/problem+json",
    )


async def _answer(request: Request, action: str, model_id: str, question: Question) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={**_HEADERS, **_ALLOW})
    if request.method not in {"GET", "HEAD"}:
        return problem(405, "Ask with GET.", _ALLOW)
    if any(len(given) > _LONGEST_ID for given in request.path_params.values()):
        return problem(414, f"Ids have at most {_LONGEST_ID} characters.")
    try:
        return await asyncio.to_thread(_ask, request, action, model_id, question)
    except NotFound:
        return problem(404, "There is no such model.")
    except Exception as error:  # nothing may take effect on an answer that is not one
        return _unavailable(error)


def _ask(request: Request, action: str, model_id: str, question: Question) -> Response:
    workspace = session.workspace()
    try:
        token = tokens.check_token(workspace, _bearer(request), action=action, model_id=model_id)
    except TokenRefused as refusal:
        return _refused(request, refusal)
    return JSONResponse(question(token.id), headers=_HEADERS)


def _refused(request: Request, refusal: TokenRefused) -> Response:
    source = request.client.host if request.client else "unknown"
    caller = f"token:{refusal.token.id}" if refusal.token else f"source:{source}"
    verdict = failure_limit().failed(caller)
    if verdict.recorded:
        tokens.record_refusal(session.workspace(), refusal, source=source)
    if verdict.limited:
        wait = verdict.retry_after_s
        return problem(429, f"Ask again in {wait} s.", {"Retry-After": str(wait)})
    status = _STATUS.get(refusal.why, 401)
    if status == 404:
        return problem(404, "There is no such model.")
    if status == 403:
        return problem(403, "The token is for other questions.")
    return problem(401, "Send 'Authorization: Bearer hlt_…' with a token that counts.", _CHALLENGE)


def _unavailable(error: Exception) -> Response:
    incident = secrets.token_hex(4)
    expected = isinstance(error, HarbourlightError)
    _LOG.error("incident %s: %s", incident, error if expected else account_of(error))
    return problem(503, f"Take everything for held. Incident {incident}.", {"Retry-After": "5"})


def _bearer(request: Request) -> str | None:
    """Return the token of the one header that carries it."""
    found = request.headers.getlist("Authorization")
    scheme, _, text = (found[0] if len(found) == 1 else "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _model_state(model_id: str) -> dict[str, Any]:
    found = states.read_state(session.workspace(), model_id)
    return {
        "model": model_id,
        "state": found.state,
        "fallback_version": found.fallback_version,
        "serving_version": found.serving_version,
        "since": _instant(found.since),
        "serving_since": _instant(found.serving.changed_at if found.serving else None),
        "answered_at": _instant(datetime.now(UTC)),
    }


def _release(model_id: str, prediction_id: str, token_id: str) -> dict[str, Any]:
    workspace = session.workspace()
    found = releases.answer_release(workspace, model_id, prediction_id, token_id=token_id)
    return {
        "model": model_id,
        "prediction": prediction_id,
        "state": found.state,
        "reason": found.reason,
        "version": found.version,
        "oversight_level": found.oversight_level,
        "decided_at": _instant(found.decided_at),
        "decision": found.decision,
        "dispute_notes": found.dispute_notes,
        "fallback_version": found.fallback_version,
        "answered_at": _instant(datetime.now(UTC)),
    }


def _opted_out(
    model_id: str, question: Callable[..., bool], about: str, *, token_id: str
) -> dict[str, Any]:
    found = question(session.workspace(), model_id, about, token_id=token_id)
    return {"model": model_id, "opted_out": found, "answered_at": _instant(datetime.now(UTC))}


def _subject(request: Request) -> str:
    """Return the customer's reference out of the header, percent-encoded UTF-8."""
    found = request.headers.getlist("Harbourlight-Subject")
    reference = unquote(found[0]).strip() if len(found) == 1 else ""
    return reference if len(reference) <= _LONGEST_ID else ""


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _AnyMethod:
    """Answers every method at its address: none of them falls through to the app's own page."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        if request.method == "HEAD":
            response.body = b""  # the headers are those of GET, the length included
        await response(scope, receive, send)


ROUTES = [
    Route("/api/v1/models/{model_id}/state", _AnyMethod(model_state)),
    Route("/api/v1/models/{model_id}/release/{prediction_id:path}", _AnyMethod(release_state)),
    Route("/api/v1/models/{model_id}/opted-out", _AnyMethod(subject_opted_out)),
    Route("/api/v1/models/{model_id}/opted-out/{prediction_id:path}", _AnyMethod(opted_out)),
    Route("/api/{rest:path}", _AnyMethod(no_such_route)),
    Route("/api", _AnyMethod(no_such_route)),
]
