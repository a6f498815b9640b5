"""The authorisation boundary: each service calls :func:`require` on its first line."""

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, NotFound


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
    """
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
