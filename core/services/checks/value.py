"""Whether a model still matters: its value over the baseline, kept and watched."""

from core.domain.status import Status
from core.services.checks.context import CheckContext, NewAlarm, finite
from core.services.value.answer import status_of
from core.services.value.newest import NewestValue, newest_value
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult

FAMILY, METHOD = "value", "value_over_baseline"


def value_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if the decisions are no longer surely worth more than the baseline.

    Raises
    ------
    NotComputable
        If the contract does not say what a decision is worth.
    """
    newest = _newest(workspace, context)
    if newest is None or status_of(newest.found) not in {Status.watch, Status.act}:
        return []
    found = newest.found
    return [
        NewAlarm(
            kind=FAMILY,
            severity="act" if status_of(found) is Status.act else "watch",
            chunk=newest.chunk,
            method=METHOD,
            statistic=finite(found.gain),
            threshold=0.0,
            n_current=found.n,
            evidence={
                "baseline": found.other,
                "currency": newest.currency,
                "low": finite(found.low),
                "high": finite(found.high),
                "decided_otherwise": round(found.apart),
            },
        )
    ]


def value_figures(workspace: Workspace, _model: str, context: CheckContext) -> list[MetricResult]:
    """Return the value over the baseline as it is kept; raises as :func:`value_alarms` does."""
    newest = _newest(workspace, context)
    if newest is None:
        return []
    found, chunk = newest.found, newest.chunk
    return [
        MetricResult(
            metric=FAMILY,
            method=METHOD,
            column="",
            version="",
            slice="",
            chunk_key=chunk.key,
            chunk_start=chunk.start,
            chunk_end=chunk.end,
            n=found.n,
            value=finite(found.gain),
            low=finite(found.low),
            high=finite(found.high),
            maturity="matured",
            threshold=0.0,
            status="not_comparable" if found.why else "ok",
            level=status_of(found),
        )
    ]


def _newest(workspace: Workspace, context: CheckContext) -> NewestValue | None:
    return newest_value(workspace, context.question(by="month"), actor=context.actor)
