"""When models are checked by themselves: daily, and when log, contract or reference changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.domain.identity import Actor, Permission, Role
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.checks.run import Progress, check
from core.services.workspace import Workspace
from core.store import jobs, models, settings
from core.store.audit import trail as audit
from core.store.models import ModelRecord

CHECK_JOB = "check"
EVERY_HOURS = 24
_EVERY = "check_hours"
_MOST_HOURS = 24 * 31
_CHECKER = frozenset({Role.admin})


def check_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do a check ordered as a job; return what it found in numbers."""
    actor = Actor(job.created_by, job.created_by, _CHECKER, origin="worker")
    done = check(workspace, job.model_id, actor=actor, progress=progress)
    return {
        "models": [
            {
                "model": each.model,
                "alarms": len(each.alarms),
                "made": each.made,
                "failed": sorted(each.run.failures) if each.run else [],
            }
            for each in done
        ]
    }


def order_due_checks(workspace: Workspace, *, actor: Actor) -> int:
    """Order the checks that are due; the worker calls it when idle. Return how many are new.

    A model is due if its log, contract or reference is not that of the newest order, or if that
    order is older than the setting ``check_hours``; 0 hours mean no checks by themselves.
    """
    access.require(actor, Permission.check_run)
    now = workspace.clock()
    with workspace.store.read() as conn:
        hours = _hours(settings.get(conn, _EVERY, EVERY_HOURS))
        if not hours:
            return 0
        logged = [
            record
            for record in models.list_models(conn, actor.models)
            if record.newest_event is not None
        ]
        newest = {
            record.id: jobs.list_jobs(conn, dedupe_key=_dedupe_key(record.id), limit=1)
            for record in logged
        }
    due = [each for each in logged if _is_due(each, newest[each.id], now, hours)]
    if not due:
        return 0
    with workspace.store.begin() as conn:
        tickets = [
            jobs.enqueue(
                conn,
                job_id=workspace.new_id(),
                kind=CHECK_JOB,
                payload=_state_of(record),
                actor=actor.audit_name,
                at=now,
                model_id=record.id,
                dedupe_key=_dedupe_key(record.id),
            )
            for record in due
        ]
    return sum(ticket.created for ticket in tickets)


def set_check_hours(workspace: Workspace, hours: int, *, actor: Actor) -> None:
    """Set how often the worker checks every model; 0 ends it.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If it is not from 0 to 744 hours.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    if not 0 <= hours <= _MOST_HOURS:
        raise InvalidInput(
            N_("Models are checked every 1 to {most} hours, or with 0 never."),
            remedy=N_("Choose a number in between."),
            most=_MOST_HOURS,
        )
    with workspace.store.begin() as conn:
        before = _hours(settings.get(conn, _EVERY, EVERY_HOURS))
        settings.put(conn, _EVERY, hours)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="check.schedule_changed",
            objects={},
            body={"before": before, "after": hours},
        )


def _is_due(record: ModelRecord, orders: tuple[jobs.Job, ...], now: datetime, hours: int) -> bool:
    if not orders:
        return True
    newest = orders[0]
    if newest.state not in {"done", "failed"}:
        return False
    changed = newest.payload != _state_of(record)
    return changed or now - newest.created_at >= timedelta(hours=hours)


def _dedupe_key(model_id: str) -> str:
    return f"{CHECK_JOB}:{model_id}"


def _state_of(record: ModelRecord) -> dict[str, object]:
    """Return what a check of a model is made from."""
    return {
        "generation": record.lake_generation,
        "spec_sha256": record.spec_sha256,
        "bins_id": record.live_bins_id,
    }


def _hours(value: object) -> int:
    return max(0, int(str(value)))
