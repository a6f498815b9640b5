"""Alarms of decisions that took effect without the review they need, or not as people decided."""

from core.errors import NotComputable
from core.lake.releases.facts import UNDECLARED, UNLOGGED
from core.services.checks.context import CheckContext, NewAlarm
from core.services.routing.breaches import ModelOversight, VersionOversight, measure
from core.services.workspace import Workspace

_NAMED = 20


def unreviewed_releases(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the versions of which something was released without required review.

    A version of which decisions took effect while no oversight level was declared is worth a look,
    and so is what took effect and is not in the log: whether they needed review cannot be said.

    Raises
    ------
    NotComputable
        If the log says of nothing when it took effect: nothing is proved then.
    """
    found = measure(workspace, model, limit=_NAMED)
    if not found.is_logged:
        raise NotComputable("The log of {model} says of nothing when it took effect.", model=model)
    alarms = [
        _alarm(context, found, each) for each in found.versions if each.breaches or each.undeclared
    ]
    return [*alarms, _unlogged(context, found)] if found.unlogged else alarms


def _alarm(context: CheckContext, found: ModelOversight, version: VersionOversight) -> NewAlarm:
    return NewAlarm(
        kind="unreviewed_release",
        severity="act" if version.breaches else "watch",
        chunk=context.view.chunks[-1],
        version=version.version,
        statistic=float(version.breaches or version.undeclared),
        threshold=0.0,
        method="" if version.breaches else UNDECLARED,
        n_current=version.released,
        evidence={
            "oversight_level": version.level,
            "kinds": dict(version.kinds),
            "undeclared": version.undeclared,
            "since": found.since.isoformat() if found.since else None,
            "newest": [
                {
                    "prediction": breach.prediction_id,
                    "released_at": breach.released_at.isoformat(),
                    "how": breach.kind,
                    "level": breach.level,
                    "case": breach.case.reference if breach.case else None,
                }
                for breach in found.newest
                if breach.version == version.version
            ],
        },
    )


def _unlogged(context: CheckContext, found: ModelOversight) -> NewAlarm:
    """Return the alarm of what took effect and is not in the log; nobody knows of which version."""
    return NewAlarm(
        kind="unreviewed_release",
        severity="watch",
        chunk=context.view.chunks[-1],
        statistic=float(found.unlogged or 0),
        threshold=0.0,
        method=UNLOGGED,
        n_current=found.released,
        evidence={
            "unlogged": found.unlogged,
            "since": found.since.isoformat() if found.since else None,
        },
    )
