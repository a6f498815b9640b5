"""The operations screen: volume, errors, availability, latency and resources."""

import math
from collections.abc import Sequence

import numpy as np

from app.charts import (
    Chart,
    Labels,
    Look,
    Mark,
    Series,
    availability_strip,
    labels_for,
    lines,
    volume,
)
from app.components import Kpi
from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services.operations import Operations

_LATENCIES = {"latency_p50": "p50", "latency_p95": "p95", "latency_p99": "p99"}
RESOURCES = {"cpu_ms": (N_("CPU time"), "ms"), "memory_mb": (N_("Memory"), "MB")}


def summary(t: Translator, found: Operations) -> tuple[str, Status]:
    """Return the sentence of the page and its status."""
    newest = found.newest()
    if newest is None:
        return t("No predictions were logged in this period."), Status.not_enough_data
    key, silent = t.chunk(found.chunks[newest].key), int(found.silent.sum())
    if not found.has_status:
        text = t(
            "{n} predictions in {period}; the log does not say which requests failed.",
            n=int(found.rows[newest]),
            period=key,
        )
        return text, Status.not_enough_data
    text = t(
        "In {period}, {errors} of {n} requests failed and the model answered in {available} of "
        "the hours with traffic.",
        period=key,
        errors=t.percent(float(found.error_rate[newest]), 2),
        n=int(found.rows[newest]),
        available=t.percent(float(found.availability[newest])),
    )
    worst_chunk = _worst_chunk(found)
    if worst_chunk is not None and worst_chunk != newest:
        peak = t(
            "The worst period was {period}, in which {errors} failed.",
            period=t.chunk(found.chunks[worst_chunk].key),
            errors=t.percent(float(found.error_rate[worst_chunk]), 2),
        )
        text = t.sentences(text, peak)
    if silent:
        gaps = t.n(
            "In one period nothing was logged.", "In {n} periods nothing was logged.", silent
        )
        text = t.sentences(text, gaps)
    return text, found.status()


def _worst_chunk(found: Operations) -> int | None:
    if np.isnan(found.error_rate).all():
        return None
    return int(np.nanargmax(found.error_rate))


def figures(t: Translator, found: Operations) -> list[Kpi]:
    """Return the figures of the newest period with rows."""
    newest = found.newest()
    if newest is None:
        return []
    period = t.chunk(found.chunks[newest].key)
    shown = [
        Kpi(
            t(METRICS["volume"].label),
            t.compact_number(float(found.rows[newest])),
            note=period,
            definition=t(METRICS["volume"].meaning),
        )
    ]
    if found.has_status:
        for name, digits in (("error_rate", 2), ("availability", 1)):
            shown.append(
                Kpi(
                    t(METRICS[name].label),
                    t.percent(float(found.figures()[name][newest]), digits),
                    note=period,
                    status=found.status_of(name, newest),
                    definition=t(METRICS[name].meaning),
                )
            )
    if found.latency:
        value = float(found.latency["latency_p95"][newest])
        shown.append(
            Kpi(
                t(METRICS["latency_p95"].label),
                "–" if math.isnan(value) else f"{t.number(value, 0)} ms",
                note=period,
                definition=t(METRICS["latency_p95"].meaning),
            )
        )
    return shown


def volume_chart(look: Look, found: Operations, marks: Sequence[Mark] = ()) -> Chart:
    """Return rows and errors over time."""
    return volume(
        look,
        _labels(look.t, found, look.t("Volume and errors"), look.t("Predictions")),
        at=found.view.local_starts(found.chunks),
        rows=found.rows.astype(np.int64),
        errors=found.errors.astype(np.int64) if found.has_status else None,
        marks=marks,
    )


def availability_chart(look: Look, found: Operations, marks: Sequence[Mark] = ()) -> Chart:
    """Return the availability strip; silence is a state of its own."""
    metric, limits = METRICS["availability"], found.thresholds("availability")
    return availability_strip(
        look,
        _labels(look.t, found, look.t(metric.label), look.t(metric.label)),
        at=found.view.local_starts(found.chunks),
        ok_share=found.availability,
        watch_below=float(limits.watch or 0),
        act_below=float(limits.act or 0),
        marks=marks,
    )


def latency_chart(look: Look, found: Operations, marks: Sequence[Mark] = ()) -> Chart:
    """Return the three latency quantiles over time."""
    return lines(
        look,
        _labels(look.t, found, look.t("Latency"), look.t("Latency"), unit="ms"),
        at=found.view.local_starts(found.chunks),
        series=[Series(short, found.latency[name]) for name, short in _LATENCIES.items()],
        marks=marks,
        logarithmic=True,
    )


def resource_chart(look: Look, found: Operations, name: str, marks: Sequence[Mark] = ()) -> Chart:
    """Return the median of CPU time or memory over time."""
    label, unit = RESOURCES[name]
    text = look.t(label)
    return lines(
        look,
        _labels(look.t, found, text, text, unit=unit),
        at=found.view.local_starts(found.chunks),
        series=[Series(look.t("median"), found.resources[name])],
        marks=marks,
    )


def _labels(t: Translator, found: Operations, title: str, y: str, unit: str = "") -> Labels:
    first, last = found.view.window.days(found.view.timezone)
    return labels_for(
        t,
        title=title,
        x=t("Period"),
        y=y,
        n=int(found.rows.sum()),
        first=first,
        last=last,
        unit=unit,
    )
