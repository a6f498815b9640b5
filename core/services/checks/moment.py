"""As of when a model is checked: as asked, today, or the end of a log that is history."""

from datetime import datetime, timedelta

from core.domain.identity import Actor, Permission
from core.domain.windows import last_instant, local_day
from core.services.checks.context import CheckContext
from core.services.questions import Question, View, resolve
from core.services.workspace import Workspace
from core.store import batches
from core.store.alerts import rules as alert_rules

HISTORY = timedelta(days=31)
"""A log whose batches end longer ago than this when they are ingested is history."""


def context_of(
    workspace: Workspace, model_id: str, *, actor: Actor, as_of: str | None
) -> CheckContext:
    """Return what a check of a model is made with.

    Raises
    ------
    NothingYet
        If there are no predictions up to the moment.
    InvalidInput
        If the moment cannot be read.
    """
    view = _view(workspace, model_id, as_of or None, actor=actor)
    clock = workspace.clock()
    if as_of:
        asked = last_instant(as_of, view.timezone)
        key, now, known = asked, min(asked, clock), as_of
    elif _is_fed(workspace, model_id):
        known = clock.isoformat()
        view = _view(workspace, model_id, known, actor=actor)
        key = last_instant(local_day(clock, view.timezone).isoformat(), view.timezone)
        now = clock
    else:
        known, key, now = None, view.newest_event, view.newest_event
    return CheckContext(actor, view, key, now, known, _slices(workspace, view))


def _view(workspace: Workspace, model_id: str, known: str | None, *, actor: Actor) -> View:
    question = Question(model_id, by="month", as_of=known)
    return resolve(workspace, question, Permission.check_run, actor=actor)


def _is_fed(workspace: Workspace, model_id: str) -> bool:
    """Whether the newest batch came soon after its events, so that silence means something."""
    with workspace.store.read() as conn:
        found = batches.list_batches(
            conn, models=[model_id], streams=["predictions"], states=["published"], limit=None
        )
    ends: list[tuple[datetime, datetime]] = [
        (each.last_time, each.finished_at)
        for each in found
        if each.last_time is not None and each.finished_at is not None
    ]
    if not ends:
        return False
    newest, ingested = max(ends)
    return ingested - newest <= HISTORY


def _slices(workspace: Workspace, view: View) -> tuple[str, ...]:
    with workspace.store.read() as conn:
        rules = alert_rules.list_rules(conn, view.contract.id)
    return tuple(dict.fromkeys(rule.slice for rule in rules if rule.slice and rule.enabled))
