"""Alarms on the drift screen: what is more than chance, how much it matters, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from app.components import Column, note, ranked_table, section, subsection
from app.context import PageContext
from app.screens.drift.reasons import fault_text, flow_text, slice_text, version_text
from app.screens.words import column_label, column_unit, named_group
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.i18n import N_, Translator
from core.metrics.alarms import Verdict, rank_by_importance
from core.metrics.registry import METRICS
from core.services.drift.measure import DriftTable
from core.services.drift_alarms import (
    JudgedMonth,
    Reasons,
    feature_importance,
    judged_month,
    reasons_of,
)
from core.services.questions import View

# docs/alarms.md has the simulations; a test compares these figures with its tables.
MEASURED = N_(
    "An alarm is significant and large enough. In simulated months without a change, stated at 1%, "
    "0.5% raised one where days are independent, and up to 1.9% where each day resembles the one "
    "before: then expect more than what is stated."
)


def show_alarms(ctx: PageContext, table: DriftTable) -> None:
    """Show what of one period is more than chance, and why."""
    t = ctx.t
    if table.view.rows_per_chunk is not None:
        return
    section(t("Alarms"), t("What is more than chance, the most harmful first."))
    filled = filled_periods(table)
    if not filled:
        return
    at = st.selectbox(
        t("Period"),
        filled,
        index=len(filled) - 1,
        key="drift_alarms_at",
        width=240,
        format_func=t.chunk,
    )
    try:
        with st.spinner(t("Drawing what chance would do …")):
            month = judged_month(ctx.workspace, table.view.question, actor=ctx.actor, at=at)
    except NotComputable as reason:
        note(t(reason.template, **reason.params))
        return
    note(t.sentences(rate_text(t, month), *whole_text(t, table.view, month.looks)))
    note(thresholds_text(t, table))
    alarms = month.alarms
    if not alarms:
        note(t("Nothing in {period} is more than chance explains.", period=t.chunk(at)))
        return
    importance = feature_importance(ctx.workspace, month.view)
    frame, columns = alarm_frame(t, month, importance)
    place = ranked_table(
        t, frame, columns, key="drift_alarms", alt=t("Alarms of {period}", period=t.chunk(at))
    )
    chosen = str(frame.index[place or 0])
    verdict = next(each for each in alarms if each.member.series == chosen)
    _show_reasons(t, month, verdict, reasons_of(ctx.workspace, month, verdict))


def filled_periods(table: DriftTable) -> list[str]:
    """Return the keys of the periods with rows, the oldest first."""
    rows = np.max([column.counts.current.row_count for column in table.columns], axis=0)
    return [chunk.key for chunk in table.chunks if rows[chunk.index] > 0]


def rate_text(t: Translator, month: JudgedMonth) -> str:
    """Return at which rate of false alarms the period was judged, and what that means."""
    family = month.family
    days = next(iter(month.reference.values())).days
    text = t(
        "Judged for one false alarm in {months} model-months: {figures} figures together, against "
        "{days} reference days in blocks of {length}.",
        months=round(1 / family.stated_rate),
        figures=family.size,
        days=days,
        length=family.blocks.length,
    )
    if month.is_short:
        text = t.sentences(
            text,
            t(
                "One in {asked} was asked for; the reference is too short to vouch for that.",
                asked=round(1 / family.rate),
            ),
        )
    elif month.view.contract.reference.is_short:
        text = t.sentences(
            text,
            t("The reference is less than half a year, so alarms against it vouch for less."),
        )
    return t.sentences(
        text,
        t(
            "If nothing changed, {expected} alarms are expected.",
            expected=t.number(month.expected, 3),
        ),
    )


def whole_text(t: Translator, shown: View, judged: Sequence[Chunk]) -> tuple[str, ...]:
    """Return that a period is judged whole, if the days that are shown cut one; else nothing."""
    window = shown.window
    if all(window.start <= each.start and each.end <= window.end for each in judged):
        return ()
    return (t("A period that the chosen days cut is judged whole."),)


def thresholds_text(t: Translator, table: DriftTable) -> str:
    """Return where the lines of the charts come from, and how often they are crossed by chance."""
    rates = [column.limits.expected_rate for column in table.columns]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return t(
            "The lines in the charts are numbers that somebody chose; how often chance crosses "
            "them cannot be told."
        )
    text = t(
        "The lines of {count} columns are the mean of the reference's own periods plus standard "
        "deviations; if nothing changed, {expected} of them are crossed a period.",
        count=len(known),
        expected=t.number(sum(known), 3),
    )
    if len(known) == len(rates):
        return text
    return t.sentences(text, t("The others are numbers that somebody chose."))


def alarm_frame(
    t: Translator, month: JudgedMonth, importance: Mapping[str, float]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return one row a column with alarms, what may harm the model most first."""
    furthest: dict[str, Verdict] = {}
    for verdict in month.alarms:
        furthest.setdefault(verdict.member.series, verdict)
    ranked = rank_by_importance(
        {name: out_of(verdict) for name, verdict in furthest.items()}, importance
    )
    rows = []
    for each in ranked:
        verdict = furthest[each.feature]
        rows.append(
            {
                "label": column_label(t, month.view.contract, each.feature),
                "measure": t(METRICS[verdict.member.measure].label),
                "effect": verdict.effect,
                "threshold": verdict.threshold,
                "p": verdict.p_value,
                "importance": each.importance if each.known else np.nan,
                "look": verdict.check,
            }
        )
    columns = [
        Column("label", t("Input")),
        Column("look", t("Period")),
        Column("measure", t("Measure")),
        Column("effect", t("Effect"), kind="number", digits=3),
        Column("threshold", t("Chance reaches"), kind="number", digits=3),
        Column("p", t("p of the family"), kind="number", digits=3),
        Column(
            "importance",
            t("Weight in the score"),
            kind="percent",
            help=t("Share of how much the score changes when the values of an input are shuffled."),
        ),
    ]
    return pd.DataFrame(rows, index=[each.feature for each in ranked]), columns


def out_of(verdict: Verdict) -> float:
    """Return how far a figure is out: the statistic in units of its threshold."""
    return verdict.statistic / verdict.threshold if verdict.threshold > 0 else float("inf")


def _show_reasons(t: Translator, month: JudgedMonth, verdict: Verdict, found: Reasons) -> None:
    contract, name = month.view.contract, verdict.member.series
    unit = column_unit(t, contract, name)
    lines = [fault_text(t, fault) for fault in found.why.faults]
    for flow in found.why.flows[:2]:
        origin, destination = (
            named_group(t, contract, name, each) for each in (flow.origin, flow.destination)
        )
        lines.append(flow_text(t, replace(flow, origin=origin, destination=destination), unit))
    for segment, parts in found.why.slices.items():
        text = slice_text(t, contract.segment(segment).label_in(t.locale), parts)
        if text:
            lines.append(text)
    lines += [version_text(t, seen, month.view.timezone) for seen in found.versions]
    subsection(t("Why did {feature} drift?", feature=column_label(t, contract, name)))
    for line in lines:
        note(line)
    if not lines:
        note(t("Nothing stands out: many groups moved a little."))
