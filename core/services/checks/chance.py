"""Alarms of what is more than chance, at the stated rate of false ones for a model and month.

Beside the fixed levels of :mod:`core.services.checks.inputs` and ``outcomes``: those say that a
change is large, these that it is no accident and large enough to matter.
"""

import json
from dataclasses import replace

from core.domain.windows import Chunk
from core.errors import NotComputable
from core.metrics.alarms import Verdict
from core.services.checks.context import CheckContext, NewAlarm, finite
from core.services.drift_alarms import JudgedMonth, judged_month
from core.services.performance import JudgedResults, judged_results
from core.services.performance.beyond_chance import METRIC_OF
from core.services.workspace import Workspace

_RECENT = "2m"


def chance_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the figures of the newest month that are out, with all that derives them again.

    Raises
    ------
    NotComputable
        If the reference is too short to tell chance from change.
    """
    found: list[NewAlarm] = []
    for question in context.questions(last=_RECENT):
        try:
            month = judged_month(workspace, question, actor=context.actor)
        except NotComputable:
            if question.slice is None:
                raise
            continue  # a slice may have too few rows where the model has enough
        found += [_alarm(month, verdict) for verdict in month.alarms]
    return found


def _alarm(month: JudgedMonth, verdict: Verdict) -> NewAlarm:
    look = next(chunk for chunk in month.looks if chunk.key == verdict.check)
    found = _alarm_of(month, verdict, "drift_beyond_chance", look, verdict.member.measure)
    return replace(found, column=verdict.member.series, bins_id=month.view.bins_id)


def results_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the results of the newest matured month that are out.

    Raises
    ------
    NotComputable
        If no month is matured, or the reference has too few labelled days.
    """
    found: list[NewAlarm] = []
    for question in context.questions():
        try:
            month = judged_results(workspace, question, actor=context.actor)
        except NotComputable:
            if question.slice is None:
                raise
            continue  # a slice may have too few labels where the model has enough
        found += [_results_alarm(month, verdict) for verdict in month.alarms]
    return found


def _results_alarm(month: JudgedResults, verdict: Verdict) -> NewAlarm:
    figure = METRIC_OF.get(verdict.member.measure, verdict.member.measure)
    return _alarm_of(month, verdict, "performance_beyond_chance", month.chunk, figure)


def _alarm_of(
    month: JudgedMonth | JudgedResults, verdict: Verdict, kind: str, chunk: Chunk, method: str
) -> NewAlarm:
    """Return the alarm of a verdict, with all that derives it again."""
    return NewAlarm(
        kind=kind,
        severity="watch",
        chunk=chunk,
        method=method,
        slice=month.view.slice_text or "",
        statistic=finite(verdict.statistic),
        p_value=finite(verdict.p_value),
        effect=finite(verdict.effect),
        minimum_effect=finite(verdict.minimum_effect),
        threshold=finite(verdict.threshold),
        n_reference=int(verdict.n_ref),
        n_current=int(verdict.n_cur),
        evidence=json.loads(month.evidence(verdict).to_json()),
    )
