"""Why somebody may or may not do something: which rule decides, in the order they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from core.auth.policy import POLICY
from core.domain.identity import Actor, Permission, Role
from core.errors import NotFound
from core.i18n import N_
from core.services import access
from core.services.approval_kinds import KINDS
from core.services.workspace import Workspace
from core.store import assignments, users
from core.store.users import User

Rule = Literal[
    "allowed",
    "disabled",
    "no role",
    "no role holds it",
    "outside the models",
    "outside the jurisdictions",
    "line of defence",
]

MESSAGES: Mapping[Rule, str] = {
    "allowed": N_("{username} may do this: {roles} holds the permission {permission}."),
    "disabled": N_("{username} may do nothing: the user is disabled."),
    "no role": N_("{username} may do nothing: the user has no role."),
    "no role holds it": N_(
        "{username} may not do this: {roles} does not hold the permission {permission}."
    ),
    "outside the models": N_(
        "{username} may do this, but not for the model {model}: it is outside the user's scope."
    ),
    "outside the jurisdictions": N_(
        "{username} may do this, but not in {jurisdiction}: it is outside the user's scope."
    ),
    "line of defence": N_(
        "{username} develops the model {model} and so cannot decide this about it."
    ),
}
REMEDIES: Mapping[Rule, str] = {
    "allowed": "",
    "disabled": N_("An administrator can enable the user again."),
    "no role": N_("An administrator can give the user a role."),
    "no role holds it": N_("These roles hold it: {holders}. An administrator can give one."),
    "outside the models": N_("An administrator can widen the scope."),
    "outside the jurisdictions": N_("An administrator can widen the scope."),
    "line of defence": N_("Somebody who does not develop the model has to decide."),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which rule decided, and what it was asked about.

    Parameters
    ----------
    allowed : bool
        Whether the user may do it.
    rule : str
        The first rule that decides; a key of :data:`MESSAGES`.
    username : str
        Who.
    permission : Permission
        What.
    roles : tuple of Role
        The roles that hold it, if it is allowed; else those that the user has.
    holders : tuple of Role
        Every role that holds it.
    model, jurisdiction : str, optional
        Where.
    """

    allowed: bool
    rule: Rule
    username: str
    permission: Permission
    roles: tuple[Role, ...]
    holders: tuple[Role, ...]
    model: str | None = None
    jurisdiction: str | None = None


def explain(
    workspace: Workspace,
    username: str,
    permission: Permission,
    *,
    actor: Actor,
    model: str | None = None,
    jurisdiction: str | None = None,
) -> Explanation:
    """Say which rule lets a user do something, or keeps them from it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    username : str
        Who; everybody may ask about themselves.
    permission : Permission
        What.
    actor : Actor
        Who asks.
    model, jurisdiction : str, optional
        For which model's rows and of which jurisdiction.

    Raises
    ------
    Forbidden
        If the actor asks about somebody else without the permission to.
    NotFound
        If there is no such user.
    """
    if users.normal_username(username) != actor.username:
        access.require(actor, Permission.access_explain, model=model)
    with workspace.store.read() as conn:
        user = users.find_by_username(conn, username)
        if user is None:
            raise NotFound("There is no user {user}.", user=username)
        rule = _rule(conn, user, permission, model, jurisdiction)
    holders = tuple(role for role in Role if permission in POLICY[role])
    held = tuple(sorted(user.roles))
    return Explanation(
        allowed=rule == "allowed",
        rule=rule,
        username=user.username,
        permission=permission,
        roles=tuple(role for role in held if role in holders) if rule == "allowed" else held,
        holders=holders,
        model=model,
        jurisdiction=jurisdiction,
    )


def _rule(
    conn: Connection,
    user: User,
    permission: Permission,
    model: str | None,
    jurisdiction: str | None,
) -> Rule:
    if user.disabled:
        return "disabled"
    if not user.roles:
        return "no role"
    if not any(permission in POLICY[role] for role in user.roles):
        return "no role holds it"
    if model is not None and not (user.models is None or model in user.models):
        return "outside the models"
    if jurisdiction is not None and not (
        user.jurisdictions is None or jurisdiction in user.jurisdictions
    ):
        return "outside the jurisdictions"
    if model is not None and permission in {kind.decide for kind in KINDS.values()}:
        found = assignments.list_assignments(conn, user_id=user.id, model_id=model)
        if any(each.kind == "developer" for each in found):
            return "line of defence"
    return "allowed"
