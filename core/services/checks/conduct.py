"""Alarms of how a model treats people, and of whether production runs what was approved."""

import numpy as np

from core.domain.status import Status
from core.domain.windows import Chunk
from core.metrics.fairness import FOUR_FIFTHS
from core.services.checks.context import CheckContext, NewAlarm, Severity, finite, instant
from core.services.fairness.measure import FairnessTable, fairness
from core.services.reproduce.models import Reason
from core.services.reproduce.result import Reproduction
from core.services.reproduce.run import reproduce
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts.checks import MetricResult

_RECENT = "12m"
_SAMPLE = 200
# A version that was registered without its fitted model, or not at all, is no mismatch of it.
_LOST = (
    Reason.artefact_gone,
    Reason.artefact_differs,
    Reason.artefact_unreadable,
    Reason.scoring_failed,
)


def fairness_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return attributes by which a group is chosen less than four fifths as often as the best.

    A difference that may be chance is none: with many groups the lowest is often far below.
    """
    table = _fairness(workspace, context)
    window = table.view.window
    whole = Chunk(0, "all", window.start, window.end)
    found = []
    for each in table.judged:
        ratio = each.ratio
        if ratio.value < FOUR_FIFTHS and not ratio.by_chance:
            found.append(
                NewAlarm(
                    kind="fairness",
                    severity="act" if ratio.status is Status.act else "watch",
                    chunk=whole,
                    method="selection_rate_ratio",
                    column=each.attribute.column,
                    statistic=finite(ratio.value),
                    effect=finite(1 - ratio.value),
                    threshold=FOUR_FIFTHS,
                    n_current=ratio.n,
                    evidence={
                        "low": finite(ratio.low),
                        "high": finite(ratio.high),
                        "worst": ratio.worst,
                        "best": ratio.best,
                        "by_chance": ratio.by_chance,
                    },
                )
            )
    return found


def fairness_figures(
    workspace: Workspace, _model: str, context: CheckContext
) -> list[MetricResult]:
    """Return the figures of each attribute over the last twelve months."""
    table = _fairness(workspace, context)
    return [
        MetricResult(
            metric="fairness",
            method=row.metric,
            column=row.attribute,
            version="",
            slice="",
            chunk_key=str(row.chunk["key"]),
            chunk_start=instant(row.chunk["start"]),
            chunk_end=instant(row.chunk["end"]),
            n=row.n,
            value=finite(row.value),
            low=finite(row.lower),
            high=finite(row.upper),
            threshold=FOUR_FIFTHS if row.metric == "selection_rate_ratio" else None,
            status="ok" if np.isfinite(row.value) else "not_computable",
            level=str(row.status or Status.not_enough_data),
        )
        for row in table.rows()
        if not row.group
    ]


def reproduction_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if drawn predictions are not those of the registered model and policy.

    Where none of them could be compared, that is one to watch: nothing is proved. A model without
    a registered artefact has nothing to be held against.
    """
    with workspace.store.read() as conn:
        files = [each for each in models.artefacts(conn, model) if each.role == "artefact"]
    if not files:
        return []
    found = reproduce(workspace, model, actor=context.actor, sample=_SAMPLE, as_of=context.known)
    lost = found.not_reproducible()
    wrong = found.total("score_mismatches") + found.total("decision_mismatches")
    wrong += sum(lost.get(reason, 0) for reason in _LOST)
    if wrong:
        return [_reproduction(context, found, "act", wrong)]
    if found.verdict == "nothing_compared":
        return [_reproduction(context, found, "watch", 0)]
    return []


def _fairness(workspace: Workspace, context: CheckContext) -> FairnessTable:
    return fairness(workspace, context.question(last=_RECENT), actor=context.actor)


def _reproduction(
    context: CheckContext, found: Reproduction, severity: Severity, wrong: int
) -> NewAlarm:
    differences = [each.largest_difference for each in found.versions]
    known = [each for each in differences if np.isfinite(each)]
    return NewAlarm(
        kind="reproduction",
        severity=severity,
        chunk=context.view.chunks[-1],
        statistic=float(wrong),
        effect=finite(max(known)) if known else None,
        threshold=0.0,
        n_current=found.drawn,
        evidence={**found.record(), "as_of": found.as_of.isoformat()},
    )
