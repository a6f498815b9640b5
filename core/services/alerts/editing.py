"""For whoever sets the rules of a model: who may own its alerts, and what a rule would cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.alerts.rules import may_own
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import alarms
from core.store.alerts import rules as alert_rules
from core.store.alerts.rules import AlertRule
from core.store.identity import users

PREVIEW_DAYS = 90


@dataclass(frozen=True, slots=True)
class RuleBoard:
    """The rules of a model as somebody edits them.

    Parameters
    ----------
    rules : tuple of AlertRule
        The most particular first.
    people : mapping of str to str
        User name → name of those who may see to alerts of the model.
    owners : mapping of str to str
        User id → user name, of the owners that rules name.
    """

    rules: tuple[AlertRule, ...]
    people: Mapping[str, str]
    owners: Mapping[str, str]

    def owner(self, rule: AlertRule) -> str:
        """Return the name of a rule's owner; empty if it names none."""
        username = self.owners.get(rule.owner_id or "", "")
        return self.people.get(username, username)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have been for.

    Parameters
    ----------
    alarms, matters : int
        Stored alarms that it fits, and of how many matters they are.
    of : int
        All alarms of the time.
    days : int
        How far back, by when alarms were raised.
    """

    alarms: int
    matters: int
    of: int
    days: int = PREVIEW_DAYS


def rule_board(workspace: Workspace, model_id: str, *, actor: Actor) -> RuleBoard:
    """Return the rules of a model with those who may own its alerts.

    Raises
    ------
    NotFound, Forbidden
        If the model is not in the actor's scope, or the actor may not set rules.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        rules = alert_rules.list_rules(conn, models.get(conn, model_id).id)
        everybody = users.list_users(conn)
    named = {rule.owner_id for rule in rules}
    return RuleBoard(
        rules,
        {
            each.username: each.display_name or each.username
            for each in everybody
            if may_own(each, model_id)
        },
        {each.id: each.username for each in everybody if each.id in named},
    )


def preview_rule(
    workspace: Workspace,
    model_id: str,
    kind: str = "",
    *,
    actor: Actor,
    method: str = "",
    column: str = "",
    slice_: str = "",
) -> Preview:
    """Return how many alarms of the last 90 days a rule would have been for.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, kind, method, column, slice_ : str
        Which alarms, as for :func:`core.services.alerts.set_rule`.
    actor : Actor
        Needs ``alert.manage``.

    Raises
    ------
    NotFound, Forbidden
        If the model is not in the actor's scope, or the actor may not set rules.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    access.require_every_jurisdiction(actor)
    since = workspace.clock() - timedelta(days=PREVIEW_DAYS)
    with workspace.store.read() as conn:
        found = alarms.raised_since(conn, models.get(conn, model_id).id, since)
    covered = [
        each
        for each in found
        if alert_rules.covers(
            (kind, method, column, slice_), (each.kind, each.method, each.column, each.slice)
        )
    ]
    return Preview(len(covered), len({each.matter for each in covered}), len(found))
