"""One part of a check asked again at once, because something was found besides checks."""

from collections.abc import Mapping
from datetime import timedelta

from core.domain.identity import Actor, Permission, Role
from core.errors import NothingYet
from core.services import access
from core.services.checks import run as checking
from core.services.checks.moment import context_of
from core.services.checks.run import Checked, Progress
from core.services.checks.sources import ALARM_SOURCES
from core.services.explanation.score_findings import order_recheck, recheck_key
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.alerts import threads as alerts
from core.store.alerts.threads import LIVE

AT_ONCE = ("explanation_mismatch", "explanation_coverage")
"""What is asked again; the rest of the check stays as it was found."""
EVERY = timedelta(hours=1)
"""How often it is asked again while an alert of it is open: what was wrong may be well by now."""
_CHECKER = frozenset({Role.admin})


def recheck_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Ask a model's part again as a job; return what it found in numbers."""
    progress(0.0, "")
    actor = Actor(job.created_by, job.created_by, _CHECKER, origin="worker")
    done = check_again(workspace, str(job.payload["model"]), actor=actor)
    return {} if done is None else {"alarms": len(done.alarms), "opened": list(done.opened)}


def order_due_rechecks(workspace: Workspace) -> int:
    """Order the rechecks of models with an open alert about explanations; return how many.

    The worker calls it when idle. A log of the past has no further check until it changes, and
    whoever explains more decisions changes no log.
    """
    now = workspace.clock()
    with workspace.store.read() as conn:
        live = alerts.list_alerts(conn, states=LIVE)
        ill = sorted({each.model_id for each in live if each.alarm.kind in AT_ONCE})
        newest = {each: jobs.list_jobs(conn, dedupe_key=recheck_key(each), limit=1) for each in ill}
    due = [each for each in ill if not newest[each] or now - newest[each][0].created_at >= EVERY]
    for model_id in due:
        with workspace.store.begin() as conn:
            order_recheck(workspace, conn, model_id)
    return len(due)


def check_again(workspace: Workspace, model_id: str, *, actor: Actor) -> Checked | None:
    """Ask what is looked at at once, and keep the answer as one more attempt at the newest check.

    A model that was not checked at this moment yet is checked whole.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``check.run``, for rows of all jurisdictions.

    Returns
    -------
    Checked or None
        ``None`` if there is nothing to check yet.

    Raises
    ------
    Forbidden
        If the actor may not, or sees rows of some jurisdictions only.
    """
    access.require(actor, Permission.check_run, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        found = models.get(conn, model_id).id
    try:
        context = context_of(workspace, found, actor=actor, as_of=None)
    except NothingYet:
        return None
    sources = {name: ALARM_SOURCES[name] for name in AT_ONCE}
    return checking.ask_some(workspace, context, sources)
