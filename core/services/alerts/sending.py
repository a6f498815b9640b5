"""Letting an event of an alert be sent: queued with it, so that neither is lost alone."""

from sqlalchemy import Connection

from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import deliveries

DELIVERY_JOB = "alerts.deliver"


def send_later(
    workspace: Workspace, conn: Connection, event_id: int, model_id: str, severity: str
) -> int:
    """Queue an event for every channel that takes it; return how many there are.

    Nothing is sent here: the worker does, and nobody waits for it.
    """
    wanted = [
        channel.id for channel in deliveries.channels(conn) if channel.takes(model_id, severity)
    ]
    if not wanted:
        return 0
    deliveries.queue(conn, event_id, wanted, at=workspace.clock())
    order_delivery(workspace, conn)
    return len(wanted)


def order_delivery(workspace: Workspace, conn: Connection) -> None:
    """Order the worker to send what is due, once."""
    jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=DELIVERY_JOB,
        payload={},
        actor="worker",
        at=workspace.clock(),
        dedupe_key=DELIVERY_JOB,
    )
