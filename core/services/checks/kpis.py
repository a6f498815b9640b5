"""KPIs that are missed: beyond the limit at which one must act, or below the target for sure.

Only periods that are over, wholly in the log, and whose outcomes are all known are judged: what is
not known yet is not held against anybody.
"""

import math
from collections.abc import Iterator

from core.domain.kpi_level import KpiLevel
from core.errors import NotComputable
from core.i18n import N_
from core.services.checks.context import CheckContext, NewAlarm, Severity, finite
from core.services.kpis import KpiAnswer, KpiDefinition, KpiFigure, KpiSeries, kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult

FAMILY = "kpi"
_PERIODS_KEPT = 3


def kpi_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the KPIs that are missed in their newest final month.

    Raises
    ------
    NotComputable
        If the contract has no KPIs.
    """
    found = []
    for question in context.questions():
        for series in _answer(workspace, context, question).kpis:
            newest = newest_final(series)
            if newest is not None and newest.level is KpiLevel.missed:
                found.append(_alarm(series.definition, newest, question.slice or ""))
    return found


def kpi_results(workspace: Workspace, _model: str, context: CheckContext) -> list[MetricResult]:
    """Return the newest months of each KPI as they are kept; raises as :func:`kpi_alarms` does."""
    answer = _answer(workspace, context, context.question())
    return [
        _result(series.definition, figure)
        for series in answer.kpis
        if series.definition.unavailable is None
        for figure in _kept(series)
    ]


def newest_final(series: KpiSeries) -> KpiFigure | None:
    """Return the newest month of a KPI that will not change any more and has a value."""
    final = (each for each in reversed(series.periods) if each.is_final)
    return next((each for each in final if not math.isnan(each.value)), None)


def _answer(workspace: Workspace, context: CheckContext, question: Question) -> KpiAnswer:
    if not (context.contract.kpis or context.contract.kpi_set):
        raise NotComputable(N_("The contract has no KPIs."))
    return kpi_figures(workspace, question, actor=context.actor)


def _kept(series: KpiSeries) -> Iterator[KpiFigure]:
    filled = [each for each in series.periods if each.n]
    newest = newest_final(series)
    if newest is not None and newest not in filled[-_PERIODS_KEPT:]:
        yield newest
    yield from filled[-_PERIODS_KEPT:]


def _severity(definition: KpiDefinition, figure: KpiFigure) -> Severity:
    """Return how serious it is: a limit that is crossed must be acted on, a target watched."""
    act = definition.act
    if act is None:
        return "watch"
    sign = 1 if definition.direction == "higher_is_better" else -1
    return "act" if sign * figure.value < sign * act else "watch"


def _alarm(definition: KpiDefinition, figure: KpiFigure, slice_: str) -> NewAlarm:
    if figure.chunk is None:
        raise TypeError(definition.id)
    severity = _severity(definition, figure)
    target = None if figure.target is None else figure.target.value
    against = definition.act if severity == "act" else target
    return NewAlarm(
        kind=FAMILY,
        severity=severity,
        chunk=figure.chunk,
        method=definition.id,
        slice=slice_,
        statistic=finite(figure.value),
        effect=None if against is None else finite(figure.value - against),
        threshold=finite(against),
        n_current=figure.n,
        evidence={
            "definition": definition.text,
            "unit": definition.unit,
            "currency": definition.currency,
            "low": finite(figure.low),
            "high": finite(figure.high),
            "act": finite(definition.act),
            "target": finite(target),
            "target_set_on": figure.target.set_on.isoformat() if figure.target else None,
            "target_set_by": figure.target.set_by if figure.target else None,
            "set_after_go_live": definition.set_after_go_live,
        },
    )


def _result(definition: KpiDefinition, figure: KpiFigure) -> MetricResult:
    if figure.chunk is None:
        raise TypeError(definition.id)
    return MetricResult(
        metric=FAMILY,
        method=definition.id,
        column="",
        version="",
        slice="",
        chunk_key=figure.chunk.key,
        chunk_start=figure.chunk.start,
        chunk_end=figure.chunk.end,
        n=figure.n,
        value=finite(figure.value),
        low=finite(figure.low),
        high=finite(figure.high),
        maturity=figure.maturity,
        threshold=finite(definition.act),
        status="not_computable" if math.isnan(figure.value) else "ok",
        level=figure.level.status,
    )
