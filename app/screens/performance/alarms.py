"""Results of a matured period held against chance, below the course of the figures."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, section, static_table
from app.context import PageContext
from app.screens.drift.alarms import whole_text
from app.screens.performance.words import metric_label
from core.errors import NotComputable, NothingYet
from core.i18n import Translator
from core.metrics.alarms import Verdict
from core.services.performance import JudgedResults, Performance, judged_results
from core.services.performance.beyond_chance import METRIC_OF


def show_results_alarms(ctx: PageContext, found: Performance) -> None:
    """Say which results of the newest matured period are more than chance."""
    t = ctx.t
    section(t("Alarms"), t("What of the results is more than chance."))
    try:
        with st.spinner(t("Drawing what chance would do …")):
            month = judged_results(ctx.workspace, found.view.question, actor=ctx.actor)
    except (NotComputable, NothingYet) as reason:
        note(t(reason.template, **reason.params))
        return
    cut = whole_text(t, found.view, [month.chunk])
    note(t.sentences(results_rate_text(t, month), *cut))
    alarms = month.alarms
    if not alarms:
        note(
            t("Nothing in {period} is more than chance explains.", period=t.chunk(month.chunk.key))
        )
    else:
        static_table(
            t,
            alarm_frame(t, alarms),
            [
                Column("figure", t("Figure")),
                Column("difference", t("Difference"), "number", digits=3),
                Column("chance", t("Chance reaches"), "number", digits=3),
                Column("p", t("p of the family"), "number"),
            ],
            caption=t("{period} beside the reference", period=t.chunk(month.chunk.key)),
        )


def results_rate_text(t: Translator, month: JudgedResults) -> str:
    """Return at which rate of false alarms the results were judged, and against what."""
    family = month.family
    (series,) = month.reference.values()
    text = t(
        "{period} is judged for one false alarm in {months} model-months: {figures} figures "
        "together, against {days} days with labels. Inputs and outputs have the rest of the rate.",
        period=t.chunk(month.chunk.key),
        months=round(1 / family.stated_rate),
        figures=family.size,
        days=series.days,
    )
    if family.attainable <= family.rate:
        return text
    return t.sentences(
        text,
        t(
            "One in {asked} was asked for; the reference is too short to vouch for that.",
            asked=round(1 / family.rate),
        ),
    )


def alarm_frame(t: Translator, alarms: Sequence[Verdict]) -> pd.DataFrame:
    """Return the results that are out, each with its change and with what chance reaches."""
    return pd.DataFrame(
        [
            {
                "figure": metric_label(t, METRIC_OF.get(name := alarm.member.measure, name)),
                "difference": alarm.effect,
                "chance": alarm.threshold,
                "p": alarm.p_value,
            }
            for alarm in alarms
        ],
        columns=["figure", "difference", "chance", "p"],
    )
