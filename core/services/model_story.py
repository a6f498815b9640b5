"""One model's story: what happened to it and to what it saw, in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import start_of_day
from core.errors import NotComputable, NothingYet
from core.services.drift.measure import DriftTable, drift, first_of_run
from core.services.operations import Operations, operations
from core.services.performance import Estimates, Performance, estimates_beside, performance
from core.services.questions import Question, View, resolve
from core.services.registry.versions import VersionSeen, versions_seen
from core.services.serving.state import ModelState, model_state
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import models, serving

EventKind = Literal[
    "first", "version", "unregistered", "policy", "contract", "input", "concept", "state", "serving"
]
FIGURE = "outcome_rate"


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """Something that happened.

    Parameters
    ----------
    at : datetime
        When.
    kind : str
        What kind of thing.
    name : str
        Version, policy, contract revision, input or state that it is about.
    known_at : datetime, optional
        When it could be known at the earliest, if that is later: outcomes take time.
    """

    at: datetime
    kind: EventKind
    name: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Everything that the page of one model tells.

    Parameters
    ----------
    view : View
        The question made exact.
    state : ModelState
        In production or suspended.
    versions : tuple of VersionSeen
        Versions in the log.
    operations : Operations
        Volume and errors.
    drift : DriftTable or None
        ``None`` where the reader may not see it, or the reference is not complete.
    performance : Performance or None
        ``None`` without outcomes.
    estimates : Estimates or None
        Beside the performance.
    events : tuple of StoryEvent
        The oldest first.
    """

    view: View
    state: ModelState
    versions: tuple[VersionSeen, ...]
    operations: Operations
    drift: DriftTable | None
    performance: Performance | None
    estimates: Estimates | None
    events: tuple[StoryEvent, ...] = field(default=())

    @property
    def drift_status(self) -> Status:
        """The worst status of an input in its newest judged chunk."""
        if self.drift is None:
            return Status.not_enough_data
        newest = [_newest(column.result.status) for column in self.drift.inputs]
        order = (Status.act, Status.watch, Status.in_range)
        return next((each for each in order if each in newest), Status.not_enough_data)

    @property
    def departed(self) -> tuple[int, ...]:
        """Chunks whose outcomes departed from what the scores promised."""
        if self.estimates is None or FIGURE not in self.estimates.figures:
            return ()
        alarms = self.estimates.figures[FIGURE].concept.alarm
        return tuple(int(place) for place in np.flatnonzero(alarms))


@retry_when_stale
def model_story(workspace: Workspace, question: Question, *, actor: Actor) -> Story:
    """Tell the story of one model, as far as the actor may see its parts.

    Raises
    ------
    NothingYet
        If there are no predictions.
    """
    view = resolve(workspace, question, Permission.overview_view, actor=actor)
    running = operations(workspace, question, actor=actor)
    moved = _drift(workspace, question, actor)
    measured, estimates = _performance(workspace, question, actor)
    story = Story(
        view=view,
        state=model_state(workspace, view.contract.id, actor=actor),
        versions=versions_seen(workspace, view),
        operations=running,
        drift=moved,
        performance=measured,
        estimates=estimates,
    )
    with workspace.store.read() as conn:
        revisions = models.spec_revisions(conn, view.contract.id)
        changes = serving.version_changes(conn, view.contract.id)
    named = (StoryEvent(each.changed_at, "serving", each.version) for each in changes)
    found = [*_events(story), *_of_contract(story, revisions), *named]
    ordered = sorted(found, key=lambda event: (event.at, event.kind, event.name))
    return Story(
        view, story.state, story.versions, running, moved, measured, estimates, tuple(ordered)
    )


def _drift(workspace: Workspace, question: Question, actor: Actor) -> DriftTable | None:
    if not allows(actor, Permission.drift_view):
        return None
    try:
        return drift(workspace, question, actor=actor)
    except NothingYet:  # the reference is not complete
        return None


def _performance(
    workspace: Workspace, question: Question, actor: Actor
) -> tuple[Performance | None, Estimates | None]:
    try:
        found = performance(workspace, question, actor=actor)
    except NotComputable:  # the contract names no outcome
        return None, None
    return found, estimates_beside(workspace, found)


def _events(story: Story) -> Iterator[StoryEvent]:
    view = story.view
    if story.versions:
        yield StoryEvent(story.versions[0].first, "first", story.versions[0].version)
    for seen in story.versions[1:]:
        yield StoryEvent(seen.first, "version" if seen.registered else "unregistered", seen.version)
    if story.drift is not None:
        for column in story.drift.columns:
            since = first_of_run(column, story.drift.chunks)
            if since is not None and _newest(column.result.status) is Status.act:
                yield StoryEvent(since, "input", column.column)
    outcome = view.contract.outcome
    if story.departed and outcome is not None:
        first = view.chunks[story.departed[0]]
        yield StoryEvent(
            first.start, "concept", first.key, known_at=outcome.matures_after.after(first.end)
        )
    if story.state.since is not None:
        yield StoryEvent(story.state.since, "state", story.state.state)


def _of_contract(story: Story, revisions: tuple[models.SpecRevision, ...]) -> Iterator[StoryEvent]:
    for policy in story.view.contract.policy[1:]:
        start = start_of_day(policy.start, story.view.timezone)
        yield StoryEvent(start, "policy", policy.version)
    for revision in revisions[1:]:
        yield StoryEvent(revision.registered_at, "contract", str(revision.revision))


def _newest(statuses: object) -> Status:
    judged = [Status(str(each)) for each in np.asarray(statuses).reshape(-1)]
    known = [each for each in judged if each is not Status.not_enough_data]
    return known[-1] if known else Status.not_enough_data
