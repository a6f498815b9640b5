"""What people do with alerts: acknowledge, snooze, assign, close; each with a reason, on record."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.windows import last_instant
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.services import access
from core.services.alerts.rules import owner_of
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.serving.state import checked_reason
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import threads as alerts
from core.store.alerts.threads import Alert
from core.store.audit import trail as audit

Change = Callable[[Connection, Alert], dict[str, object]]


def acknowledge(workspace: Workspace, alert_id: str, *, reason: str, actor: Actor) -> Alert:
    """Say that an alert is seen to; it stays until it heals or is closed.

    Raises
    ------
    NotFound
        If there is none of that id in the actor's scope.
    Conflict
        If it is closed, or acknowledged already.
    InvalidInput
        If there is no reason, or it names somebody whom the workspace knows.
    """
    access.require(actor, Permission.alert_manage)

    def change(_conn: Connection, found: Alert) -> dict[str, object]:
        if found.state == "acknowledged":
            raise Conflict(
                N_("The alert {alert} is acknowledged already."),
                remedy=N_("Nothing is left to do."),
                alert=alert_id,
            )
        return {"state": "acknowledged", "snoozed_until": None}

    return _change(workspace, alert_id, "acknowledged", reason, change, actor=actor)


def snooze(workspace: Workspace, alert_id: str, *, until: str, reason: str, actor: Actor) -> Alert:
    """Silence an alert until the end of a day; if it still is one then, it wakes.

    Parameters
    ----------
    workspace : Workspace
        Where.
    alert_id : str
        Which.
    until : str
        Day or instant, by the clock of the model.
    reason : str
        Why; names no person.
    actor : Actor
        Needs ``alert.manage``.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        As for :func:`acknowledge`; also if the moment is not in the future.
    """
    access.require(actor, Permission.alert_manage)

    def change(conn: Connection, found: Alert) -> dict[str, object]:
        zone = parsed_contract(models.get(conn, found.model_id).spec_text).timezone
        moment = last_instant(until, zone)
        if moment <= workspace.clock():
            raise InvalidInput(
                N_("An alert is silenced up to a moment in the future."),
                remedy=N_("Choose a later day."),
            )
        return {"state": "snoozed", "snoozed_until": moment}

    return _change(workspace, alert_id, "snoozed", reason, change, actor=actor)


def assign(
    workspace: Workspace, alert_id: str, *, username: str, reason: str, actor: Actor
) -> Alert:
    """Ask somebody to see to an alert.

    Raises
    ------
    NotFound
        If there is no such alert, or nobody of that name who may see to it.
    Conflict, InvalidInput
        As for :func:`acknowledge`.
    """
    access.require(actor, Permission.alert_manage)

    def change(conn: Connection, found: Alert) -> dict[str, object]:
        return {"owner_id": owner_of(conn, username, found.model_id).id}

    return _change(workspace, alert_id, "assigned", reason, change, actor=actor)


def close(workspace: Workspace, alert_id: str, *, reason: str, actor: Actor) -> Alert:
    """Close an alert; if the next check raises the same matter, a new one opens.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        As for :func:`acknowledge`.
    """
    access.require(actor, Permission.alert_manage)
    now = workspace.clock()

    def change(_conn: Connection, _found: Alert) -> dict[str, object]:
        return {"state": "closed", "closed_at": now, "snoozed_until": None}

    return _change(workspace, alert_id, "closed", reason, change, actor=actor)


def of_scope(conn: Connection, alert_id: str, reader: Actor, *, lock: bool = False) -> Alert:
    """Return an alert that lies in a reader's scope.

    Raises
    ------
    NotFound
        If there is none; one of another model is not told from none.
    """
    found = alerts.get(conn, alert_id, lock=lock)
    if not reader.sees_model(found.model_id):
        raise NotFound(
            "There is no alert {alert}.",
            remedy="Choose one on the page Alerts, or run 'harbourlight alerts list'.",
            alert=alert_id,
        )
    return found


def _change(
    workspace: Workspace, alert_id: str, kind: str, reason: str, change: Change, *, actor: Actor
) -> Alert:
    access.require_every_jurisdiction(actor)
    why = checked_reason(reason)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        found = of_scope(conn, alert_id, actor, lock=True)
        if not found.live:
            raise Conflict(
                N_("The alert {alert} is closed."),
                remedy=N_("A new alert is raised if it happens again."),
                alert=alert_id,
            )
        reasons.refuse_known_people(workspace, conn, why)
        values = change(conn, found)
        alerts.change(conn, alert_id, changed_at=now, **values)
        alerts.add_event(conn, alert_id, kind=kind, actor=actor.audit_name, at=now, reason=why)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind=f"alert.{kind}",
            objects={"model": found.model_id, "alert": alert_id},
            body={
                "reason": why,
                "before": found.state,
                **{
                    name: value.isoformat() if isinstance(value, datetime) else value
                    for name, value in values.items()
                    if value is not None
                },
            },
        )
        return alerts.get(conn, alert_id)
