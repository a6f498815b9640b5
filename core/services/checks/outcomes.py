"""Alarms of what labels say: figures that fell, scores that mean something else, missing labels."""

from datetime import UTC, datetime, timedelta

import numpy as np

from core.domain.status import Status
from core.lake.labels.times import LabelTimes
from core.services.checks.context import CheckContext, NewAlarm, finite
from core.services.checks.feed import longest_gap, rows_by_day
from core.services.performance import (
    Estimated,
    Performance,
    PerformanceRow,
    estimates_beside,
    performance,
)
from core.services.performance.counting import matured_before, times_of
from core.services.performance.maturity import ENOUGH, FEW_LABELS
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_GAP = timedelta(days=7)
_PERIODS_KEPT = 3


def performance_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return figures of the newest matured period beyond the threshold to act."""
    found = []
    for question in context.questions():
        known = performance(workspace, question, actor=context.actor)
        place = known.newest_matured()
        if place is not None:
            found += [
                _alarm(known, row, place)
                for row in known.rows()
                if row.alert and row.chunk["key"] == known.chunks[place].key
            ]
    return found


def performance_figures(
    workspace: Workspace, _model: str, context: CheckContext
) -> list[MetricResult]:
    """Return the figures of the newest periods beside their estimates."""
    known = performance(workspace, context.question(), actor=context.actor)
    rows = known.rows(estimates_beside(workspace, known).bands)
    filled = [chunk.key for chunk, n in zip(known.chunks, known.predictions, strict=True) if n]
    keys = set(filled[-_PERIODS_KEPT:])
    place = known.newest_matured()
    if place is not None:
        keys.add(known.chunks[place].key)
    chunks = {chunk.key: chunk for chunk in known.chunks}
    return [
        MetricResult(
            metric="performance",
            method=row.metric,
            column="",
            version=row.version or "",
            slice=row.slice or "",
            chunk_key=str(row.chunk["key"]),
            chunk_start=chunks[str(row.chunk["key"])].start,
            chunk_end=chunks[str(row.chunk["key"])].end,
            n=row.n,
            value=finite(row.realised),
            low=finite(row.realised_low),
            high=finite(row.realised_high),
            estimate=finite(row.estimated),
            estimate_low=finite(row.lower),
            estimate_high=finite(row.upper),
            labelled_share=finite(row.labelled_share),
            maturity=row.maturity,
            threshold=finite(row.threshold),
            status=row.status,
            level=row.level,
        )
        for row in rows
        if row.chunk["key"] in keys
    ]


def concept_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return one alarm if matured figures left the band of their estimates."""
    known = performance(workspace, context.question(), actor=context.actor)
    place = known.newest_matured()
    figures = estimates_beside(workspace, known).figures
    if place is None:
        return []
    departed = {name: each for name, each in figures.items() if bool(each.concept.alarm[place])}
    if not departed:
        return []

    def strength(name: str) -> float:
        return abs(float(departed[name].concept.statistic[place]))

    first = max(departed, key=strength)
    concept = departed[first].concept
    return [
        NewAlarm(
            kind="concept_drift",
            severity="act",
            chunk=known.chunks[place],
            statistic=finite(float(concept.statistic[place])),
            p_value=finite(float(concept.p_value[place])),
            effect=finite(float(concept.effect[place])),
            n_current=known.maturity[place].used,
            evidence={
                "metric": first,
                "figures": {
                    name: _departure(known, name, each, place) for name, each in departed.items()
                },
            },
        )
    ]


def stopped_labels(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if labels no longer come though predictions wait for them, or only some do.

    Labels have stopped if the gap since the newest one is longer than twice the longest gap
    before, and at least seven days; and if predictions wait that are older than half of all labels
    were when they came, made late enough that the newest label cannot have been theirs. They have
    partly stopped if far fewer of the newest mature predictions have one than usual.
    """
    known = performance(workspace, context.question(), actor=context.actor)
    return _no_label(workspace, context, known) or _few_labels(known)


def _no_label(workspace: Workspace, context: CheckContext, known: Performance) -> list[NewAlarm]:
    times = times_of(workspace, known.view)
    if times.day.size < 2:
        return []
    newest = _EPOCH + timedelta(days=int(times.day[-1]) + 1)
    gap, longest = context.now - newest, longest_gap(times.day)
    if gap < _LEAST_GAP or gap <= 2 * longest:
        return []
    usual = _usual_age(known, times)
    days, rows = rows_by_day(workspace, context)
    first, last = newest - usual, context.now - usual
    waiting = sum(n for day, n in zip(days, rows, strict=True) if first <= day.start < last)
    if not waiting:
        return []
    period = known.chunks[-1]
    return [
        NewAlarm(
            kind="labels_stopped",
            severity="act",
            chunk=period,
            statistic=gap / timedelta(days=1),
            effect=gap / longest if longest else None,
            threshold=max(2 * longest, _LEAST_GAP) / timedelta(days=1),
            n_current=int(waiting),
            evidence={
                "newest_label": (newest - timedelta(days=1)).date().isoformat(),
                "gap_days": gap / timedelta(days=1),
                "longest_gap_days": longest / timedelta(days=1),
                "usual_age_days": usual / timedelta(days=1),
                "waiting": int(waiting),
            },
        )
    ]


def _few_labels(known: Performance) -> list[NewAlarm]:
    """Return an alarm if the newest period with enough mature predictions misses labels."""
    old = [place for place, each in enumerate(known.maturity) if each.matured >= ENOUGH]
    if not old or "labels_missing" not in known.maturity[old[-1]].warnings:
        return []
    far = known.maturity[old[-1]]
    had = far.used if far.basis == "matured" else 0
    return [
        NewAlarm(
            kind="labels_stopped",
            severity="act",
            chunk=known.chunks[old[-1]],
            method=FEW_LABELS,
            statistic=had / far.matured,
            effect=had / far.matured - far.usual_share,
            n_current=far.matured,
            evidence={
                "labelled": had,
                "old_enough": far.matured,
                "usual_share": far.usual_share,
                "periods": [
                    chunk.key
                    for chunk, each in zip(known.chunks, known.maturity, strict=True)
                    if "labels_missing" in each.warnings
                ],
            },
        )
    ]


def truncation_alarms(workspace: Workspace, _model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if young periods hold closed cases only.

    It is no more than a warning while no prediction is mature: the contract may ask for too long.
    """
    known = performance(workspace, context.question(), actor=context.actor)
    found = [
        place for place, each in enumerate(known.maturity) if "closed_cases_only" in each.warnings
    ]
    if not found:
        return []
    place = found[-1]
    far = known.maturity[place]
    history = any(each.basis == "matured" for each in known.maturity)
    return [
        NewAlarm(
            kind="truncation",
            severity="act" if history else "watch",
            chunk=known.chunks[place],
            statistic=finite(far.labelled_share),
            n_current=far.n,
            evidence={
                "labelled": far.labelled,
                "predictions": far.n,
                "old_enough": far.matured,
                "compared_with": "history" if history else "contract",
                "periods": [known.chunks[each].key for each in found],
            },
        )
    ]


def _alarm(known: Performance, row: PerformanceRow, place: int) -> NewAlarm:
    threshold = known.thresholds(row.metric)
    distance = None if threshold.act is None else row.realised - threshold.act
    return NewAlarm(
        kind="performance",
        severity="act" if known.status_of(row.metric, place) is Status.act else "watch",
        chunk=known.chunks[place],
        method=row.metric,
        slice=row.slice or "",
        statistic=finite(row.realised),
        effect=finite(distance),
        threshold=finite(threshold.act),
        n_current=row.n,
        evidence={
            "low": finite(row.realised_low),
            "high": finite(row.realised_high),
            "labelled_share": finite(row.labelled_share),
            "predictions": known.maturity[place].n,
        },
    )


def _departure(known: Performance, name: str, each: Estimated, place: int) -> dict[str, object]:
    parts = {
        "realised": known.figures[name].value,
        "estimated": each.band.value,
        "low": each.band.low,
        "high": each.band.high,
        "statistic": each.concept.statistic,
        "p_value": each.concept.p_value,
        "effect": each.concept.effect,
    }
    return {part: finite(float(values[place])) for part, values in parts.items()}


def _usual_age(known: Performance, times: LabelTimes) -> timedelta:
    """Return the age up to which half of the labels of mature predictions came.

    While no prediction is mature, it is the age at which the contract takes them to be.
    """
    if not times.per_age.sum():
        return known.view.as_of - matured_before(known.view)
    share = np.cumsum(times.per_age) / times.per_age.sum()
    return timedelta(days=int(times.age[np.searchsorted(share, 0.5)]))
