"""Alarms of decisions that took effect without the review they need, or not as people decided."""

from core.errors import NotComputable
from core.services.checks.context import CheckContext, NewAlarm
from core.services.routing.breaches import measure
from core.services.workspace import Workspace

_NAMED = 20


def unreviewed_releases(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the versions of which something was released without required review.

    Raises
    ------
    NotComputable
        If the log says of nothing when it took effect: nothing is proved then.
    """
    found = measure(workspace, model, limit=_NAMED)
    if not found.is_logged:
        raise NotComputable("The log of {model} says of nothing when it took effect.", model=model)
    return [
        NewAlarm(
            kind="unreviewed_release",
            severity="act",
            chunk=context.view.chunks[-1],
            version=each.version,
            statistic=float(each.breaches),
            threshold=0.0,
            n_current=each.released,
            evidence={
                "oversight_level": each.level,
                "kinds": dict(each.kinds),
                "since": found.since.isoformat() if found.since else None,
                "newest": [
                    {
                        "prediction": breach.prediction_id,
                        "released_at": breach.released_at.isoformat(),
                        "how": breach.kind,
                    }
                    for breach in found.newest
                    if breach.version == each.version
                ],
            },
        )
        for each in found.versions
        if each.breaches
    ]
