"""The line that takes each checkpoint to another machine by HTTPS; off unless somebody sets it."""

import json

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.outbound import host_of, is_address, send
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit

_SETTING = "audit_anchor_webhook"


def webhook_url(workspace: Workspace) -> str:
    """Return the address that checkpoints are posted to; empty if there is none."""
    with workspace.store.read() as conn:
        return str(settings.get(conn, _SETTING, ""))


def set_webhook(workspace: Workspace, url: str, *, actor: Actor) -> None:
    """Choose the address that checkpoints are posted to; an empty one ends it.

    The address may hold a secret: it is kept sealed from the trail, which names the host only.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If it is neither https nor on this machine.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    if url and not is_address(url):
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
    """Post a checkpoint as JSON; return why it failed, or an empty text."""
    body = json.dumps(
        {"origin": checkpoint.origin, "size": checkpoint.size, "note": checkpoint.note},
        ensure_ascii=False,
    ).encode("utf-8")
    return send(url, body, "application/json; charset=utf-8").failure
