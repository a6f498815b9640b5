"""Doing what a rule does by itself, in the transaction in which its alert opens or gets graver.

The model is suspended or rolled back at once, only by alerts to act on; hooks are queued, and the
worker calls them. What can no longer be done, because the contract has changed or the model is in
that state already, is told to the audit trail and stops no check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.errors import Conflict, InvalidInput
from core.services.hooks.queueing import call_later
from core.services.questions import parsed_contract
from core.services.serving.rollback import roll_back_now
from core.services.serving.state import Step, state_of, suspend_now
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import hooks, rule_responses
from core.store.alerts.alarms import Alarm
from core.store.alerts.rule_responses import RuleResponse
from core.store.alerts.rules import AlertRule
from core.store.audit import trail as audit

RULE_ROLE = "rule"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a rule acts: an alert that opened or became more serious, and by which alarm."""

    alert_id: str
    event_id: int
    event: str
    severity: str
    alarm: Alarm


def respond(workspace: Workspace, conn: Connection, rule: AlertRule, occasion: Occasion) -> None:
    """Do what a rule does by itself.

    Parameters
    ----------
    workspace, conn : Workspace, Connection
        Where, and the transaction of the check, with the model locked.
    rule : AlertRule
        That opened the alert.
    occasion : Occasion
        Why.
    """
    response = rule_responses.find(conn, rule.id)
    if response is None:
        return
    done = None
    if response.action is not None and occasion.severity == "act":
        done = _act(workspace, conn, rule, response, occasion)
    if response.hook_id is None:
        return
    hook = hooks.find_hook(conn, response.hook_id)
    if hook.takes(rule.model_id):
        call_later(
            workspace,
            conn,
            hook,
            _said(conn, rule, occasion, done),
            purpose=response.purpose,
            model_id=rule.model_id,
            rule_id=rule.id,
            event_id=occasion.event_id,
        )


def _act(
    workspace: Workspace,
    conn: Connection,
    rule: AlertRule,
    response: RuleResponse,
    occasion: Occasion,
) -> str | None:
    """Suspend the model or roll it back; return what was done, ``None`` if nothing could be."""
    alarm = occasion.alarm
    about = [alarm.kind, alarm.column or alarm.version or alarm.method]
    step = Step(
        by=f"rule:{rule.id}",
        role=RULE_ROLE,
        reason=f"Alert {occasion.alert_id}: {' '.join(each for each in about if each)}",
        at=workspace.clock(),
        objects={"rule": rule.id, "alert": occasion.alert_id},
        said={"rule_set_by": response.set_by, "rule_set_at": response.set_at},
    )
    contract = parsed_contract(models.get(conn, rule.model_id).spec_text)
    before = state_of(conn, rule.model_id, lock=True)
    try:
        if response.action == "suspend":
            if before.suspended:
                raise Conflict(
                    "The model {model} is suspended already.",
                    remedy="Nothing is left to do.",
                    model=rule.model_id,
                )
            suspend_now(conn, before, step)
            return "suspended"
        roll_back_now(conn, contract, response.to_version or "", step)
    except (Conflict, InvalidInput) as error:
        _refused(conn, rule, response, step, str(error))
        return None
    return "rolled_back"


def _refused(
    conn: Connection, rule: AlertRule, response: RuleResponse, step: Step, why: str
) -> None:
    audit.append(
        conn,
        at=step.at,
        actor=step.by,
        role=step.role,
        kind="alert.rule_not_carried_out",
        objects={"model": rule.model_id, **step.objects},
        body={"action": response.action, "to_version": response.to_version, "why": why},
    )


def _said(
    conn: Connection, rule: AlertRule, occasion: Occasion, done: str | None
) -> Mapping[str, object]:
    """Return what a hook is told: figures of the alarm and the model's state; no row, no person."""
    alarm, state = occasion.alarm, state_of(conn, rule.model_id)
    return {
        "event": occasion.event,
        "at": alarm.raised_at,
        "rule": rule.id,
        "alert": {
            "id": occasion.alert_id,
            "severity": occasion.severity,
            "kind": alarm.kind,
            "method": alarm.method,
            "column": alarm.column,
            "version": alarm.version,
            "slice": alarm.slice,
            "period": alarm.chunk_key,
            "period_start": alarm.chunk_start,
            "period_end": alarm.chunk_end,
            "as_of": alarm.as_of,
            "statistic": alarm.statistic,
            "p_value": alarm.p_value,
            "effect": alarm.effect,
            "threshold": alarm.threshold,
            "n_reference": alarm.n_reference,
            "n_current": alarm.n_current,
        },
        "done": done,
        "state": {
            "state": state.state,
            "fallback_version": state.fallback_version,
            "serving_version": state.serving_version,
        },
    }
