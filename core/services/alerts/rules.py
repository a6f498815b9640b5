"""The rules of a model: which alarms become alerts, how serious, after how many checks, whose.

What a rule does by itself, and who may let it, is in :mod:`core.services.alerts.responses`.
"""

from dataclasses import asdict

from sqlalchemy import Connection

from core.auth.policy import permissions_of
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, NotFound
from core.i18n import N_
from core.services import access
from core.services.alerts.kinds import KINDS
from core.services.alerts.responses import Response, body_of, put_response, require_powers
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import rule_responses
from core.store.alerts import rules as alert_rules
from core.store.alerts.rules import AlertRule
from core.store.audit import trail as audit
from core.store.identity import users

SEVERITIES = ("watch", "act")
_MOST_PATIENCE = 100


def set_rule(
    workspace: Workspace,
    model_id: str,
    kind: str = "",
    *,
    actor: Actor,
    method: str = "",
    column: str = "",
    slice_: str = "",
    severity: str | None = None,
    patience: int = 1,
    owner: str | None = None,
    enabled: bool = True,
    response: Response | None = None,
) -> AlertRule:
    """Set the rule for some alarms of a model; one for the same alarms is replaced.

    What a rule does to the model it does on behalf of who set it: only they who may do it
    themselves let it, and only they change such a rule.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose alarms.
    kind, method, column, slice_ : str
        Which alarms; an empty field fits all. A slice, ``NAME=VALUE``, is looked at by itself from
        the next check on.
    actor : Actor
        Needs ``alert.manage``.
    severity : {"watch", "act"}, optional
        What alerts are worth; by default what their alarms are.
    patience : int
        Checks in a row before an alert opens or closes, 1 to 100.
    owner : str, optional
        User name of who sees to such alerts.
    enabled : bool
        Whether they open at all.
    response : Response, optional
        What the rule does by itself; by default what it did before.

    Raises
    ------
    InvalidInput
        If a field is none of those that there are.
    NotFound
        If there is no such user or hook, or the user may not see to alerts of the model.
    Forbidden, StepUpNeeded
        If the actor may not do what the rule does to the model, or has to say again who they are.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    access.require_every_jurisdiction(actor)
    if response is not None and response.action is not None:
        access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        _check(contract, kind, slice_, severity, patience)
        rule = AlertRule(
            id=workspace.new_id(),
            model_id=model_id,
            kind=kind,
            method=method,
            column=column,
            slice=slice_,
            severity=severity,
            patience=patience,
            owner_id=owner_of(conn, owner, model_id).id if owner else None,
            enabled=enabled,
            changed_at=workspace.clock(),
            changed_by=actor.audit_name,
        )
        rule_id = alert_rules.put(conn, rule)
        require_powers(conn, rule_id, model_id, actor=actor)
        if response is not None:
            put_response(workspace, conn, model_id, rule_id, response, actor=actor)
        _record(workspace, conn, "alert.rule_set", alert_rules.get(conn, rule_id), actor)
        return alert_rules.get(conn, rule_id)


def remove_rule(workspace: Workspace, rule_id: str, *, actor: Actor) -> None:
    """Take a rule away.

    Raises
    ------
    NotFound
        If there is none of that id in the actor's scope.
    """
    access.require(actor, Permission.alert_manage)
    access.require_every_jurisdiction(actor)
    with workspace.store.begin() as conn:
        rule = alert_rules.get(conn, rule_id)
        if not actor.sees_model(rule.model_id):
            raise NotFound(
                "There is no rule {rule}.", remedy="Look it up in the list.", rule=rule_id
            )
        require_powers(conn, rule_id, rule.model_id, actor=actor)
        _record(workspace, conn, "alert.rule_removed", rule, actor)
        alert_rules.remove(conn, rule_id)


def list_rules(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[AlertRule, ...]:
    """Return the rules of a model, the most particular first."""
    access.require(actor, Permission.alert_view, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        return alert_rules.list_rules(conn, model_id)


def owner_of(conn: Connection, username: str, model_id: str) -> users.User:
    """Return the user of a name who may see to alerts of a model.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = users.find_by_username(conn, username)
    if found is None or not may_own(found, model_id):
        raise NotFound(
            N_("Nobody called {username} may see to alerts of {model}."),
            remedy=N_("Name somebody who may acknowledge alerts, and whose scope holds the model."),
            username=username,
            model=model_id,
        )
    return found


def may_own(user: users.User, model_id: str) -> bool:
    """Whether a user may see to alerts of a model."""
    actor = user.actor("cli")
    return (
        not user.disabled
        and Permission.alert_manage in permissions_of(actor)
        and actor.sees_model(model_id)
        and actor.jurisdictions is None
    )


def _check(
    contract: ModelContract, kind: str, slice_: str, severity: str | None, patience: int
) -> None:
    if kind and kind not in KINDS:
        raise _no_such("kind", kind, tuple(KINDS))
    if severity is not None and severity not in SEVERITIES:
        raise _no_such("severity", severity, SEVERITIES)
    name, separator, _ = slice_.partition("=")
    names = tuple(segment.name for segment in contract.segments)
    if slice_ and (not separator or name not in names):
        raise _no_such("slice", slice_, tuple(f"{each}=…" for each in names))
    if not 1 <= patience <= _MOST_PATIENCE:
        raise InvalidInput(
            N_("Patience is from 1 to {most} checks."),
            remedy=N_("Choose a number in between."),
            most=_MOST_PATIENCE,
        )


def _no_such(what: str, text: str, known: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(
        N_("{text!r} is not a {what} of alerts."),
        remedy=N_("Choose from: {known}."),
        text=text,
        what=what,
        known=", ".join(known) or "–",
    )


def _record(
    workspace: Workspace, conn: Connection, kind: str, rule: AlertRule, actor: Actor
) -> None:
    said = asdict(rule)
    names = ("kind", "method", "column", "slice", "severity", "patience", "owner_id", "enabled")
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"model": rule.model_id, "rule": rule.id},
        body={
            **{name: said[name] for name in names},
            **body_of(rule_responses.find(conn, rule.id)),
        },
    )
