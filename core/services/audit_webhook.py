"""The line that takes each checkpoint to another machine by HTTPS; off unless somebody sets it."""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.workspace import Workspace
from core.store import audit, settings

_SETTING = "audit_anchor_webhook"
_TIMEOUT_S = 10.0


def webhook_url(workspace: Workspace) -> str:
    """Return the address that checkpoints are posted to; empty if there is none."""
    with workspace.store.read() as conn:
        return str(settings.get(conn, _SETTING, ""))


def set_webhook(workspace: Workspace, url: str, *, actor: Actor) -> None:
    """Choose the address that checkpoints are posted to; an empty one ends it.

    The address may hold a secret: it is kept sealed from the trail, which names the host only.

    Raises
    ------
    InvalidInput
        If it is neither https nor on this machine.
    """
    access.require(actor, Permission.workspace_maintain)
    if url and not _is_safe(url):
        raise InvalidInput(
            N_("Checkpoints cannot be posted to {host}."),
            remedy=N_("Give an address that begins with https://."),
            host=host_of(url) or "?",
        )
    with workspace.store.begin() as conn:
        before = host_of(str(settings.get(conn, _SETTING, "")))
        if url:
            settings.put(conn, _SETTING, url)
        else:
            settings.remove(conn, _SETTING)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.anchor_changed",
            objects={},
            body={"webhook_before": before, "webhook_after": host_of(url)},
        )


def post(url: str, checkpoint: Checkpoint) -> str:
    """Post a checkpoint as JSON; return why it failed, or an empty text.

    No redirect is followed: a checkpoint goes where somebody decided that it goes.
    """
    parts = urlsplit(url)
    body = json.dumps(
        {"origin": checkpoint.origin, "size": checkpoint.size, "note": checkpoint.note},
        ensure_ascii=False,
    ).encode("utf-8")
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            headers = {"Content-Type": "application/json; charset=utf-8"}
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return str(getattr(error, "strerror", None) or type(error).__name__)
    return "" if 200 <= status < 300 else f"HTTP {status}"


def host_of(url: str) -> str:
    """Return the host of an address, which is all that is shown of it."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)
    return HTTPConnection(host, port, timeout=_TIMEOUT_S)


def _is_safe(url: str) -> bool:
    host = host_of(url)
    if not host or any(letter.isspace() or not letter.isprintable() for letter in url):
        return False
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
