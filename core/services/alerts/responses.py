"""What a rule does by itself when an alert opens: call a hook, suspend the model, roll it back.

A rule acts on behalf of who set it. So whoever lets it do something to the model must be allowed to
do that themselves, and whoever changes or removes such a rule as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.questions import parsed_contract
from core.services.serving.state import check_listed
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import hooks, rule_responses
from core.store.alerts.rule_responses import RuleResponse
from core.store.tables import HOOK_PURPOSES, RULE_ACTIONS

POWERS: Mapping[str, Permission] = {
    "suspend": Permission.model_suspend,
    "rollback": Permission.model_rollback,
}
"""What a rule may do to a model, or have a hook do, and who may let it."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a rule is to do by itself; with nothing in it, nothing but open alerts.

    Parameters
    ----------
    hook : str, optional
        Name of the hook that it calls.
    purpose : {"notify", "retrain", "suspend", "rollback"}
        What the hook is told that it is called for.
    action : {"suspend", "rollback"}, optional
        What the rule does to the model.
    to_version : str, optional
        With ``rollback``: to which version of the contract.
    """

    hook: str | None = None
    purpose: str = "notify"
    action: str | None = None
    to_version: str | None = None


@dataclass(frozen=True, slots=True)
class RuleDoes:
    """What a rule does by itself, for people: the hook by its name."""

    hook: str | None
    purpose: str
    action: str | None
    to_version: str | None


def list_responses(workspace: Workspace, model_id: str, *, actor: Actor) -> Mapping[str, RuleDoes]:
    """Return rule id → what it does by itself, of the rules of a model that do anything."""
    access.require(actor, Permission.alert_view, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        found = rule_responses.of_model(conn, model_id)
    return {
        rule_id: RuleDoes(name, each.purpose, each.action, each.to_version)
        for rule_id, (each, name) in found.items()
    }


def put_response(
    workspace: Workspace,
    conn: Connection,
    model_id: str,
    rule_id: str,
    response: Response,
    *,
    actor: Actor,
) -> None:
    """Set what a rule does by itself, for who may do that themselves.

    Parameters
    ----------
    workspace : Workspace
        Where.
    conn : Connection
        A transaction of ``Store.begin()``.
    model_id : str
        The model.
    rule_id : str
        The rule.
    response : Response
        What it does.
    actor : Actor
        Who asks.

    Raises
    ------
    InvalidInput
        If a field is none of those that there are.
    NotFound
        If there is no such hook for the model.
    Forbidden
        If the actor may not do themselves what the rule is to do.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    if response.hook is None and response.action is None:
        rule_responses.remove(conn, rule_id)
        return
    _check(parsed_contract(models.get(conn, model_id).spec_text), response)
    for each in {response.purpose, response.action} & POWERS.keys():
        access.require(actor, POWERS[str(each)], model=model_id)
    hook = None if response.hook is None else hooks.find_hook(conn, response.hook)
    if hook is not None and not (hook.models is None or model_id in hook.models):
        raise InvalidInput(
            N_("The hook {hook} is not for alerts of {model}."),
            remedy=N_("Choose a hook that hears of this model."),
            hook=hook.name,
            model=model_id,
        )
    rule_responses.put(
        conn,
        RuleResponse(
            rule_id=rule_id,
            hook_id=hook.id if hook else None,
            purpose=response.purpose,
            action=response.action,
            to_version=response.to_version,
            set_at=workspace.clock(),
            set_by=actor.audit_name,
        ),
    )


def require_powers(conn: Connection, rule_id: str, model_id: str, *, actor: Actor) -> None:
    """Let the actor pass who may do themselves what the rule does now.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    found = rule_responses.find(conn, rule_id)
    if found is not None:
        for each in {found.purpose, found.action} & POWERS.keys():
            access.require(actor, POWERS[str(each)], model=model_id)


def body_of(found: RuleResponse | None) -> Mapping[str, object]:
    """Return what the audit trail is told of what a rule does; nothing where it does nothing."""
    if found is None:
        return {}
    return {
        "hook": found.hook_id,
        "purpose": found.purpose,
        "action": found.action,
        "to_version": found.to_version,
    }


def _check(contract: ModelContract, response: Response) -> None:
    for what, known in ((response.purpose, HOOK_PURPOSES), (response.action, RULE_ACTIONS)):
        if what is not None and what not in known:
            raise InvalidInput(
                N_("{text!r} is nothing that a rule does."),
                remedy=N_("Choose from: {known}."),
                text=what,
                known=", ".join(known),
            )
    if (response.action == "rollback") is not (response.to_version is not None):
        raise InvalidInput(
            N_("A rule that rolls a model back names the version; others name none."),
            remedy=N_("Name the version with such a rule, and leave it out with others."),
        )
    check_listed(contract, response.to_version)
