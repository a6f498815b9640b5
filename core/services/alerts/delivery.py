"""Sending what is queued: by the worker, tried again with ever longer pauses, given up at last."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from core.errors import HarbourlightError
from core.i18n import Translator, translator
from core.services.alerts import carrier
from core.services.alerts.channels import PURPOSE
from core.services.alerts.sending import order_delivery
from core.services.alerts.words import (
    EVENT_WORDS,
    SEVERITY_WORDS,
    figures_line,
    headline,
    period_text,
)
from core.services.jobs.retries import PAUSES
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.alerts import deliveries
from core.store.alerts import threads as alerts
from core.store.alerts.deliveries import Channel, Delivery
from core.store.alerts.threads import Alert, AlertEvent

Send = Callable[[str, str, str], str]
Progress = Callable[[float, str], None]


def deliver_job(workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    """Send what is due; a job of the worker's."""
    return deliver_due(workspace)


def order_due_deliveries(workspace: Workspace) -> bool:
    """Order the worker to send what is due again by now; return whether anything is."""
    now = workspace.clock()
    with workspace.store.read() as conn:
        if not deliveries.due(conn, at=now, limit=1):
            return False
    with workspace.store.begin() as conn:
        order_delivery(workspace, conn)
    return True


def deliver_due(workspace: Workspace, send: Send = carrier.send) -> dict[str, object]:
    """Send every message that is due; return how many went, failed and were given up.

    Parameters
    ----------
    workspace : Workspace
        Where.
    send : callable
        Takes an address, a title and a text; returns why it failed, or an empty text.
    """
    counts = {"sent": 0, "queued": 0, "given_up": 0}
    with workspace.store.read() as conn:
        waiting = deliveries.due(conn, at=workspace.clock())
    for each in waiting:
        state = _attempt(workspace, each, send)
        if state is not None:
            counts[state] += 1
    return dict(counts)


def _attempt(workspace: Workspace, found: Delivery, send: Send) -> str | None:
    """Send one message, unless another worker took it; return where it stands then."""
    now, number = workspace.clock(), found.attempts
    last = number >= len(PAUSES)
    with workspace.store.begin() as conn:
        pause = PAUSES[min(number, len(PAUSES) - 1)]
        if not deliveries.take(conn, found, next_at=now + pause):
            return None
        channel = deliveries.find_channel(conn, found.channel_id)
        event = alerts.get_event(conn, found.alert_event_id)
        alert = alerts.get(conn, event.alert_id)
        title, body = message(conn, translator(channel.language), alert, event)
    error = _send(workspace, channel, title, body, send)
    state = "sent" if not error else "given_up" if last else "queued"
    with workspace.store.begin() as conn:
        deliveries.settle(
            conn,
            found.id,
            state=state,
            error=error,
            sent_at=None if error else workspace.clock(),
        )
    return state


def _send(workspace: Workspace, channel: Channel, title: str, body: str, send: Send) -> str:
    try:
        url = workspace.keys.unseal(PURPOSE, channel.sealed_address).decode("utf-8")
        return send(url, title, body)
    except HarbourlightError as error:  # sealed by another key, or an address refused by now
        return type(error).__name__


def message(conn: Connection, t: Translator, alert: Alert, event: AlertEvent) -> tuple[str, str]:
    """Return title and text of what an event of an alert says; no row and no person is named."""
    contract = parsed_contract(models.get(conn, alert.model_id).spec_text)
    what = headline(t, contract, alert.alarm)
    title = t(
        "{severity}: {model}: {what}",
        severity=t(SEVERITY_WORDS[alert.severity]),
        model=contract.name.get(t.locale),
        what=what,
    )
    lines = [
        t(EVENT_WORDS[event.kind]),
        t("Period: {period}", period=t.chunk(period_text(t, contract, alert.alarm))),
        figures_line(t, alert.alarm),
        t("Alert: {alert}", alert=alert.id),
    ]
    return title, "\n".join(line for line in lines if line)
