"""The authorisation boundary: each service calls :func:`require` on its first line."""

from datetime import timedelta

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, NotFound, StepUpNeeded
from core.i18n import N_
from core.services.workspace import Workspace
from core.store import settings

STEP_UP_MINUTES = 10


def require(actor: Actor, permission: Permission, *, model: str | None = None) -> None:
    """Let the actor pass, or say why not.

    Parameters
    ----------
    actor : Actor
        Who asks.
    permission : Permission
        What for.
    model : str, optional
        The model it concerns; outside the actor's scope it does not exist.

    Raises
    ------
    Forbidden
        If no role of the actor holds the permission.
    NotFound
        If the model lies outside the actor's scope.
    SignedOut
        If the session through which the actor came has ended since.
    """
    require_session(actor)
    if not allows(actor, permission):
        raise Forbidden(
            "{username} may not do this: the permission {permission} is missing.",
            remedy="Ask an administrator for a role that holds it.",
            username=actor.username,
            permission=str(permission),
        )
    if model is not None and not actor.sees_model(model):
        raise NotFound(
            "There is no model {model}.", remedy="Run 'harbourlight model list'.", model=model
        )


def require_session(actor: Actor) -> None:
    """Let the actor pass whose session has not ended; for what needs no permission besides.

    Raises
    ------
    SignedOut
        If it has.
    """
    if actor.check_session is not None:
        actor.check_session()


def require_every_jurisdiction(actor: Actor) -> None:
    """Let the actor pass whose scope is not limited to some jurisdictions.

    For what concerns all rows of a person, or of a model, wherever they are from.

    Raises
    ------
    Forbidden
        If the scope is limited.
    """
    if actor.jurisdictions is not None:
        raise Forbidden(
            N_("This concerns rows of all jurisdictions; your scope is limited to some."),
            remedy=N_("Ask somebody whose scope is not limited."),
        )


def require_recent(workspace: Workspace, actor: Actor) -> None:
    """Let the actor pass who gave a password or a one-time code a short while ago.

    On the command line and in the worker the operating system answers for who acts.

    Raises
    ------
    StepUpNeeded
        If it is longer ago than the setting ``step_up_minutes``.
    """
    if actor.origin != "web":
        return
    minutes = step_up_minutes(workspace)
    given = actor.authenticated_at
    if given is None or workspace.clock() - given > timedelta(minutes=minutes):
        raise StepUpNeeded(
            N_("This step asks who you are once more."),
            remedy=N_("Give your password or a one-time code; it counts for {minutes} minutes."),
            minutes=minutes,
        )


def step_up_minutes(workspace: Workspace) -> int:
    """Return for how long a password or a code counts, in minutes."""
    with workspace.store.read() as conn:
        return int(str(settings.get(conn, "step_up_minutes", STEP_UP_MINUTES)))
