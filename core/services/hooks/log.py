"""What hooks were called for, and what came of it."""

from dataclasses import replace

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.services import access
from core.services.workspace import Workspace
from core.store.alerts import hooks
from core.store.alerts.hooks import HookCall


def list_calls(
    workspace: Workspace,
    *,
    actor: Actor,
    model_id: str | None = None,
    hook: str | None = None,
    limit: int = 50,
) -> tuple[HookCall, ...]:
    """Return calls in the actor's scope, the newest first.

    What came back is told to those who set hooks up: nobody knows what a program writes.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``alert.view``, for all jurisdictions, as alerts do.
    model_id, hook : str, optional
        Only of one model; only of the hook of a name.
    limit : int
        At most so many.
    """
    access.require(actor, Permission.alert_view, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        found = hooks.calls(conn, models=actor.models, model_id=model_id, hook_id=hook, limit=limit)
    if allows(actor, Permission.hook_manage):
        return found
    return tuple(replace(call, output="") for call in found)
