"""One part of a check asked again at once, because something was found besides checks."""

from collections.abc import Mapping

from core.domain.identity import Actor, Permission, Role
from core.errors import NothingYet
from core.services import access
from core.services.checks import run as checking
from core.services.checks.moment import context_of
from core.services.checks.run import Checked, Progress
from core.services.checks.sources import ALARM_SOURCES
from core.services.workspace import Workspace
from core.store import jobs, models

AT_ONCE = ("explanation_mismatch", "explanation_coverage")
"""What is asked again; the rest of the check stays as it was found."""
_CHECKER = frozenset({Role.admin})


def recheck_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Ask a model's part again as a job; return what it found in numbers."""
    progress(0.0, "")
    actor = Actor(job.created_by, job.created_by, _CHECKER, origin="worker")
    done = check_again(workspace, str(job.payload["model"]), actor=actor)
    return {} if done is None else {"alarms": len(done.alarms), "opened": list(done.opened)}


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
