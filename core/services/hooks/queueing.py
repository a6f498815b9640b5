"""Ordering a call: queued with what it is about, so that neither is lost alone."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import hooks
from core.store.alerts.hooks import Hook, HookCall
from core.store.audit.canonical import canonical_bytes

CALL_JOB = "hooks.call"
FORMAT = 1


def call_later(
    workspace: Workspace,
    conn: Connection,
    hook: Hook,
    said: Mapping[str, object],
    *,
    purpose: str,
    model_id: str | None = None,
    rule_id: str | None = None,
    event_id: int | None = None,
    after: timedelta = timedelta(0),
) -> HookCall:
    """Queue one call, unless the event calls the hook already; return it.

    Nothing is called here: the worker does, and nobody waits for it.

    Parameters
    ----------
    workspace, conn : Workspace, Connection
        Where, and the transaction that it is queued in.
    hook : Hook
        What is called.
    said : mapping
        What it is told; format, id and purpose are added.
    purpose : str
        What for.
    model_id, rule_id, event_id : optional
        Why.
    after : timedelta
        For how long the worker leaves it alone.
    """
    now, call_id = workspace.clock(), workspace.new_id()
    told = {**said, "format": FORMAT, "id": call_id, "purpose": purpose, "model": model_id}
    call = HookCall(
        id=call_id,
        hook_id=hook.id,
        hook_name=hook.name,
        model_id=model_id,
        rule_id=rule_id,
        alert_event_id=event_id,
        purpose=purpose,
        body=canonical_bytes(told).decode("utf-8"),
        state="queued",
        attempts=0,
        created_at=now,
        next_at=now + after,
    )
    if hooks.queue(conn, call) and not after:
        order_calls(workspace, conn)
    return call


def order_calls(workspace: Workspace, conn: Connection) -> None:
    """Order the worker to call what is due, once."""
    jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=CALL_JOB,
        payload={},
        actor="worker",
        at=workspace.clock(),
        dedupe_key=CALL_JOB,
    )
