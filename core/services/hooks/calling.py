"""Calling what is due: by the worker, tried again with ever longer pauses, given up at last.

A worker that dies between calling and noting it calls again, with the same id and the same body:
whoever is called refuses an id that was carried out before.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from core.errors import HarbourlightError, NotFound
from core.services.hooks.queueing import order_calls
from core.services.hooks.targets import Target
from core.services.hooks.transports import Call, Message, Outcome
from core.services.hooks.transports import call as call_now
from core.services.jobs.retries import PAUSES
from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import hooks
from core.store.alerts.hooks import Hook, HookCall
from core.store.audit import trail as audit

PURPOSE = "hook"
"""What the targets of hooks are sealed for."""

OFF = "switched off"
_MARGIN = timedelta(seconds=30)
Progress = Callable[[float, str], None]


def call_job(workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
    """Call what is due; a job of the worker's."""
    return call_due(workspace)


def order_due_calls(workspace: Workspace) -> bool:
    """Order the worker to call what is due again by now; return whether anything is."""
    now = workspace.clock()
    with workspace.store.read() as conn:
        if not hooks.due(conn, at=now, limit=1):
            return False
    with workspace.store.begin() as conn:
        order_calls(workspace, conn)
    return True


def call_due(workspace: Workspace, call: Call = call_now) -> dict[str, object]:
    """Make every call that is due; return how many were done, failed and were given up.

    Parameters
    ----------
    workspace : Workspace
        Where.
    call : callable
        Calls a hook once; see :func:`core.services.hooks.transports.call`.
    """
    counts = {"done": 0, "queued": 0, "given_up": 0}
    with workspace.store.read() as conn:
        waiting = hooks.due(conn, at=workspace.clock())
    for each in waiting:
        state = attempt(workspace, each, call)
        if state is not None:
            counts[state] += 1
    return dict(counts)


def attempt(
    workspace: Workspace, found: HookCall, call: Call = call_now, *, once: bool = False
) -> str | None:
    """Make one attempt, unless another worker took it; return where the call stands then.

    Parameters
    ----------
    workspace : Workspace
        Where.
    found : HookCall
        As it was read.
    call : callable
        Calls a hook once.
    once : bool
        Give up if it fails.
    """
    now, number = workspace.clock(), found.attempts
    last = once or number >= len(PAUSES)
    with workspace.store.begin() as conn:
        try:
            hook = hooks.find_hook(conn, found.hook_id)
        except NotFound:  # removed a moment ago: what waited was given up with it
            return None
        pause = PAUSES[min(number, len(PAUSES) - 1)]
        lease = max(pause, timedelta(seconds=hook.timeout_s) + _MARGIN)
        if not hooks.take(conn, found, next_at=now + lease):
            return None
    outcome = _call(workspace, hook, found, call) if hook.enabled else Outcome(OFF)
    state = "done" if not outcome.error else "given_up" if last or not hook.enabled else "queued"
    _note(workspace, hook, found, outcome, state)
    return state


def _call(workspace: Workspace, hook: Hook, found: HookCall, call: Call) -> Outcome:
    try:
        target = Target.from_bytes(workspace.keys.unseal(PURPOSE, hook.sealed_target))
    except HarbourlightError as error:  # sealed by another key
        return Outcome(str(error))
    body = found.body.encode("utf-8")
    message = Message(found.id, body, workspace.clock(), hook.timeout_s)
    return call(target, message, workspace.settings.hook_commands)


def _note(workspace: Workspace, hook: Hook, found: HookCall, outcome: Outcome, state: str) -> None:
    now = workspace.clock()
    about = {"hook": hook.id, "call": found.id}
    if found.model_id is not None:
        about["model"] = found.model_id
    with workspace.store.begin() as conn:
        hooks.settle(
            conn,
            found,
            state=state,
            status=outcome.status,
            error=outcome.error,
            output=outcome.output,
            finished_at=None if state == "queued" else now,
        )
        audit.append(
            conn,
            at=now,
            actor="worker",
            role="",
            kind="hook.called",
            objects=about,
            body={
                "name": hook.name,
                "purpose": found.purpose,
                "rule": found.rule_id,
                "attempt": found.attempts + 1,
                "state": state,
                "status": outcome.status,
                "error": outcome.error,
            },
        )
