"""What the time of an alert cost: from its first alarm's period to its newest one's."""

from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.alerts import list_alerts
from core.services.questions import Question
from core.services.value.cost_of_drift import DriftCost, cost_of_drift
from core.services.workspace import Workspace
from core.store.alerts import alarms
from core.store.alerts.threads import LIVE, Alert

OF_OUTPUT = frozenset(
    {
        "drift",
        "drift_beyond_chance",
        "kpi",
        "concept_drift",
        "performance",
        "performance_beyond_chance",
        "quality",
        "value",
        "reproduction",
    }
)
"""Kinds of alarms that money can be lost by; a silent feed loses none that a log could tell."""
MOST = 12


@dataclass(frozen=True, slots=True)
class AlertCost:
    """One alert with what its time cost."""

    alert: Alert
    cost: DriftCost


def alert_costs(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[AlertCost, ...]:
    """Return the live alerts of a model with their cost, those that matter most first.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose alerts.
    actor : Actor
        Needs ``value.view`` and ``alert.view`` for the model.

    Returns
    -------
    tuple of AlertCost
        At most :data:`MOST`; none for who sees rows of some jurisdictions only.

    Raises
    ------
    NotFound, Forbidden
        If the actor may not.
    NotComputable
        If the contract does not say what a decision is worth.
    """
    access.require(actor, Permission.value_view, model=model_id)
    if actor.jurisdictions is not None:
        return ()
    board = list_alerts(workspace, actor=actor, model_id=model_id, states=LIVE)
    chosen = [each for each in board.alerts if each.alarm.kind in OF_OUTPUT][:MOST]
    return tuple(
        AlertCost(each, found)
        for each in chosen
        if (found := alert_cost(workspace, each, actor=actor)) is not None
    )


def alert_cost(workspace: Workspace, alert: Alert, *, actor: Actor) -> DriftCost | None:
    """Return what the time of an alert cost, as far as is known now.

    Parameters
    ----------
    workspace : Workspace
        Where.
    alert : Alert
        In the actor's scope.
    actor : Actor
        Needs ``value.view`` for its model.

    Returns
    -------
    DriftCost or None
        ``None`` for a kind of alert that no money hangs on.

    Raises
    ------
    NotFound, Forbidden
        If the actor may not.
    NotComputable
        If the contract does not say what a decision is worth.
    """
    access.require(actor, Permission.value_view, model=alert.model_id)
    if alert.alarm.kind not in OF_OUTPUT:
        return None
    with workspace.store.read() as conn:
        first = alarms.get(conn, alert.first_alarm_id)
    start = min(first.chunk_start, alert.alarm.chunk_start)
    question = Question(alert.model_id, slice=alert.alarm.slice or None)
    (found,) = cost_of_drift(workspace, question, [(start, alert.alarm.chunk_end)], actor=actor)
    return found
