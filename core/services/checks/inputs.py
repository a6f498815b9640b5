"""Alarms of what goes into a model and how it runs: drift, data quality, operations."""

from collections.abc import Iterator

from core.domain.status import Status
from core.metrics.registry import METRICS
from core.services.checks.context import (
    CheckContext,
    NewAlarm,
    chunk_of,
    figure_results,
    finite,
)
from core.services.drift.measure import (
    DEFAULT_METHOD,
    ColumnDrift,
    DriftTable,
    drift,
    newest_judged,
)
from core.services.figures import FigureRow
from core.services.operations import Operations, operations
from core.services.quality import Quality, quality
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult

_RECENT = "12m"
_OF_SILENCE = "freshness"  # a silent feed is an alarm of its own


def drift_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return columns whose newest judged period has drifted to the threshold to act."""
    return [
        _drift_alarm(table, column, place)
        for table in _drift(workspace, model, context)
        for column in table.columns
        if (place := newest_judged(column)) is not None and column.status_at(place) is Status.act
    ]


def drift_figures(workspace: Workspace, model: str, context: CheckContext) -> list[MetricResult]:
    """Return the newest drift of each column."""
    tables = _drift(workspace, model, context)
    return figure_results(row for table in tables for row in table.rows())


def quality_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return what is missing, out of range, unseen or not readable beyond the threshold."""
    return [
        _figure_alarm("quality", found, row)
        for found in _quality(workspace, model, context)
        for row in _newest(found.rows())
        if row.alert and row.method != _OF_SILENCE
    ]


def quality_figures(workspace: Workspace, model: str, context: CheckContext) -> list[MetricResult]:
    """Return the newest data quality of each column, and that of the log."""
    tables = _quality(workspace, model, context)
    return figure_results(row for table in tables for row in table.rows())


def operations_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return errors, outages and delays of the newest period beyond the threshold."""
    return [
        _figure_alarm("operations", found, row)
        for found in _operations(workspace, model, context)
        for row in _newest(found.json_rows())
        if row.alert
    ]


def operations_figures(
    workspace: Workspace, model: str, context: CheckContext
) -> list[MetricResult]:
    """Return the newest operations."""
    tables = _operations(workspace, model, context)
    return figure_results(row for table in tables for row in table.json_rows())


def _drift(workspace: Workspace, _model: str, context: CheckContext) -> list[DriftTable]:
    named = [
        name
        for name in context.contract.thresholds
        if name in METRICS and METRICS[name].family == "drift" and name != DEFAULT_METHOD
    ]
    return [
        drift(workspace, question, actor=context.actor, methods=(DEFAULT_METHOD, *named))
        for question in context.questions(last=_RECENT)
    ]


def _quality(workspace: Workspace, _model: str, context: CheckContext) -> list[Quality]:
    questions = context.questions(last=_RECENT)
    return [quality(workspace, question, actor=context.actor) for question in questions]


def _operations(workspace: Workspace, _model: str, context: CheckContext) -> list[Operations]:
    questions = context.questions(last=_RECENT)
    return [operations(workspace, question, actor=context.actor) for question in questions]


def _newest(rows: list[FigureRow]) -> Iterator[FigureRow]:
    """Yield the row of the newest period with rows of each figure."""
    newest: dict[tuple[str, str], FigureRow] = {}
    for row in rows:
        if row.chunk["n"]:
            newest[row.method, row.column] = row
    yield from newest.values()


def _drift_alarm(table: DriftTable, column: ColumnDrift, place: int) -> NewAlarm:
    result, counts = column.result, column.counts
    reference, current = counts.reference.n, counts.current_at(place).n
    return NewAlarm(
        kind="drift",
        severity="act",
        chunk=table.chunks[place],
        method=result.method,
        column=column.column,
        slice=table.view.slice_text or "",
        statistic=finite(float(result.statistic[place])),
        p_value=finite(float(result.p_value[place])),
        effect=finite(float(result.value[place])),
        threshold=finite(result.act),
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
        bins_id=table.view.bins_id,
        evidence={
            "reference": [int(n) for n in reference],
            "current": [int(n) for n in current],
        },
    )


def _figure_alarm(kind: str, found: Quality | Operations, row: FigureRow) -> NewAlarm:
    return NewAlarm(
        kind=kind,
        severity="act",
        chunk=chunk_of(row.chunk, found.chunks),
        method=row.method,
        column=row.column,
        slice=row.slice or "",
        effect=finite(row.value),
        threshold=finite(row.threshold),
        n_current=int(str(row.chunk["n"])),
        bins_id=found.view.bins_id if kind == "quality" else None,
        evidence={"value": finite(row.value), "rows": int(str(row.chunk["n"]))},
    )
