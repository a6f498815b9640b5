"""Why somebody may or may not do something: which rule decides, in the order they are asked.

What a service finds out about one object only (who proposed an approval, whose token it is) is
told by the service. All else that keeps people from something has a rule here; a test holds the
answers against what the services do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from core.auth.policy import POLICY
from core.domain.identity import Actor, Duty, Permission, Role
from core.errors import NotFound
from core.i18n import N_
from core.services import access
from core.services.approvals.kinds import KINDS
from core.services.identity import sessions
from core.services.workspace import Workspace
from core.store.identity import assignments, users
from core.store.identity.users import User

Rule = Literal[
    "allowed",
    "disabled",
    "no role",
    "no role holds it",
    "password due",
    "second factor due",
    "outside the models",
    "outside the jurisdictions",
    "all jurisdictions",
    "not about people",
    "line of defence",
    "proposes only",
]

MESSAGES: Mapping[Rule, str] = {
    "allowed": N_("{username} may do this: {roles} holds the permission {permission}."),
    "disabled": N_("{username} may do nothing: the user is disabled."),
    "no role": N_("{username} may do nothing: the user has no role."),
    "no role holds it": N_(
        "{username} may not do this: {roles} does not hold the permission {permission}."
    ),
    "password due": N_(
        "{username} has to set a new password first: until then nothing but the own account opens."
    ),
    "second factor due": N_(
        "{username} has to set a second factor up first: until then nothing but the own account "
        "opens."
    ),
    "outside the models": N_(
        "{username} may do this, but not for the model {model}: it is outside the user's scope."
    ),
    "outside the jurisdictions": N_(
        "{username} may do this, but not in {jurisdiction}: it is outside the user's scope."
    ),
    "all jurisdictions": N_(
        "{username} may not do this: it concerns rows of all jurisdictions, and the user's scope "
        "is limited to some."
    ),
    "not about people": N_(
        "{username} may do this about a model or a class of records, but not about a person: a "
        "person's rows are of all jurisdictions, and the user's scope is limited to some."
    ),
    "line of defence": N_(
        "{username} develops the model {model} and so cannot decide this about it."
    ),
    "proposes only": N_(
        "{username} may propose this, but develops the model {model} and so cannot decide it."
    ),
}
REMEDIES: Mapping[Rule, str] = {
    "allowed": "",
    "disabled": N_("An administrator can enable the user again."),
    "no role": N_("An administrator can give the user a role."),
    "no role holds it": N_("These roles hold it: {holders}. An administrator can give one."),
    "outside the models": N_("An administrator can widen the scope."),
    "outside the jurisdictions": N_("An administrator can widen the scope."),
    "password due": N_("The user does so on the page My account."),
    "second factor due": N_("The user does so on the page My account."),
    "all jurisdictions": N_("Somebody whose scope is not limited has to do it."),
    "not about people": N_("Somebody whose scope is not limited has to do it."),
    "proposes only": N_("Somebody who does not develop the model has to decide."),
    "line of defence": N_("Somebody who does not develop the model has to decide."),
}

_DUE: Mapping[Duty, Rule] = {"password": "password due", "second_factor": "second factor due"}
# These open nothing of a model or a place: the scope has no say.
_OF_NO_ROWS = frozenset(
    {
        Permission.account_manage,
        Permission.user_view,
        Permission.user_manage,
        Permission.session_manage,
        Permission.audit_checkpoint,
        Permission.key_rotate,
        Permission.hook_manage,
        Permission.retention_manage,
        Permission.backup_make,
        Permission.rate_manage,
        Permission.template_propose,
    }
)
# What these open is about all rows of a person or a class, wherever they are from.
_OF_ALL_JURISDICTIONS = frozenset(
    {
        Permission.check_run,
        Permission.report_plan,
        Permission.alert_view,
        Permission.alert_manage,
        Permission.erasure_request,
        Permission.erasure_approve,
        Permission.rights_view,
        Permission.rights_handle,
        Permission.rights_refuse,
    }
)
# Decided by one person at once, and not by who develops the model.
_DECIDED_ALONE = frozenset(
    {
        Permission.release_decide,
        Permission.review_work,
        Permission.review_check,
        Permission.review_manage,
    }
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which rule decided, and what it was asked about.

    Parameters
    ----------
    allowed : bool
        Whether the user may do all that the permission opens there.
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
    SignedOut
        If the session through which the actor asks has ended.
    """
    if users.normal_username(username) != actor.username:
        access.require(actor, Permission.access_explain, model=model)
    else:
        access.require_session(actor)
    with workspace.store.read() as conn:
        user = users.find_by_username(conn, username)
        if user is None:
            raise NotFound(
                "There is no user {user}.", remedy="Run 'harbourlight user list'.", user=username
            )
        own = user.id == actor.user_id
        duty = actor.duty if own else sessions.expected_duty(conn, user, at=workspace.clock())
        rule = (
            _rule_of_roles(user, permission)
            or (_DUE[duty] if duty and permission != Permission.account_manage else None)
            or _rule_of_scope(user, permission, model, jurisdiction)
            or _rule_of_defence(conn, user, permission, model)
            or "allowed"
        )
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


def _rule_of_roles(user: User, permission: Permission) -> Rule | None:
    if user.disabled:
        return "disabled"
    if not user.roles:
        return "no role"
    held = any(permission in POLICY[role] for role in user.roles)
    return None if held else "no role holds it"


def _rule_of_scope(
    user: User, permission: Permission, model: str | None, jurisdiction: str | None
) -> Rule | None:
    if permission in _OF_NO_ROWS:
        return None
    if model is not None and not (user.models is None or model in user.models):
        return "outside the models"
    if user.jurisdictions is None:
        return None
    if jurisdiction is not None and jurisdiction not in user.jurisdictions:
        return "outside the jurisdictions"
    if permission in _OF_ALL_JURISDICTIONS:
        return "all jurisdictions"
    return "not about people" if permission == Permission.hold_manage else None


def _rule_of_defence(
    conn: Connection, user: User, permission: Permission, model: str | None
) -> Rule | None:
    if model is None:
        return None
    found = assignments.list_assignments(conn, user_id=user.id, model_id=model)
    if not any(each.kind == "developer" for each in found):
        return None
    if permission in _DECIDED_ALONE:
        return "line of defence"
    if permission in {kind.decide for kind in KINDS.values()}:
        proposed = permission in {kind.propose for kind in KINDS.values()}
        return "proposes only" if proposed else "line of defence"
    return None
