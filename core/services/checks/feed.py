"""Alarms of the feed itself: it fell silent, or holds a version that should not decide."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from core.domain.windows import Chunk
from core.metrics.arrays import Floats, Integers
from core.services.checks.context import CheckContext, NewAlarm
from core.services.operations import operations
from core.services.registry.versions import versions_between, versions_seen
from core.services.workspace import Workspace
from core.store import serving

GRACE = timedelta(minutes=5)
"""How long after a change of version another one may still finish what it began."""

_HOURS = timedelta(hours=1)
_DAY = timedelta(days=1)


def unregistered_versions(
    workspace: Workspace, _model: str, context: CheckContext
) -> list[NewAlarm]:
    """Return versions that decide, though the contract does not list them."""
    view = context.view
    if not view.contract.versions:
        return []
    return [
        NewAlarm(
            kind="unregistered_version",
            severity="act",
            chunk=view.chunks[-1],
            version=seen.version,
            n_current=seen.rows,
            evidence={
                "first": seen.first.isoformat(),
                "rows": seen.rows,
                "registered": [version.id for version in view.contract.versions],
            },
        )
        for seen in versions_seen(workspace, view)
        if not seen.registered
    ]


def served_versions(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return versions that decided after the model was rolled back to another one.

    While the model is suspended its fall-back version may decide too.
    """
    view = context.view
    with workspace.store.read() as conn:
        changes = serving.version_changes(conn, model)
        state = serving.find_state(conn, model)
    change = next((each for each in changes if each.changed_at <= view.as_of), None)
    if change is None:
        return []
    allowed = {change.version}
    if state is not None and state.state == "suspended" and state.fallback_version:
        allowed.add(state.fallback_version)
    since = change.changed_at + GRACE
    return [
        NewAlarm(
            kind="served_version",
            severity="act",
            chunk=Chunk(0, "all", seen.first, seen.last),
            version=seen.version,
            n_current=seen.rows,
            evidence={
                "to_serve": change.version,
                "since": change.changed_at.isoformat(),
                "first": seen.first.isoformat(),
                "last": seen.last.isoformat(),
                "rows": seen.rows,
            },
        )
        for seen in versions_between(workspace, view, since)
        if seen.version not in allowed
    ]


def silent_feed(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if predictions no longer come.

    A feed is silent if the time since the newest prediction is longer than what the contract sets
    under ``freshness``; where it sets nothing, than twice the longest gap before, counted in days.
    A log that was loaded long after its events is not judged, unless a moment is asked for.
    """
    if context.known is None:
        return []
    gap = context.now - context.view.last_prediction
    own = context.contract.thresholds.get("freshness")
    days, rows = rows_by_day(workspace, context)
    filled = np.flatnonzero(rows)
    longest = longest_gap(filled)
    if own is not None and own.act is not None:
        limit = own.act * _HOURS
    elif filled.size < 2:
        return []
    else:
        limit = 2 * max(longest, _DAY)
    if gap <= limit:
        return []
    return [
        NewAlarm(
            kind="silent_feed",
            severity="act",
            chunk=Chunk(0, days[int(filled[-1])].key, context.view.last_prediction, context.now),
            statistic=gap / _HOURS,
            threshold=limit / _HOURS,
            n_current=0,
            evidence={
                "newest_prediction": context.view.last_prediction.isoformat(),
                "gap_hours": gap / _HOURS,
                "longest_gap_days": longest / _DAY,
            },
        )
    ]


def rows_by_day(workspace: Workspace, context: CheckContext) -> tuple[Sequence[Chunk], Floats]:
    """Return the days of the log, and how many predictions each has."""
    found = operations(workspace, context.question(by="day"), actor=context.actor)
    return found.chunks, found.rows


def longest_gap(days: Integers) -> timedelta:
    """Return the longest time from one day with rows to the next; none with a single day."""
    return timedelta(days=int(np.diff(days).max())) if days.size > 1 else timedelta(0)
