"""Results of a matured period held against chance, below the course of the figures."""

import streamlit as st

from app.components import note, section
from app.context import PageContext
from app.screens.performance_words import metric_label
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
    note(results_rate_text(t, month))
    alarms = month.alarms
    if not alarms:
        note(t("Nothing in {period} is more than chance explains.", period=month.chunk.key))
    for verdict in alarms:
        note(alarm_text(t, verdict))


def results_rate_text(t: Translator, month: JudgedResults) -> str:
    """Return at which rate of false alarms the results were judged, and against what."""
    family = month.family
    (series,) = month.reference.values()
    text = t(
        "{period} is judged for one false alarm in {months} model-months: {figures} figures "
        "together, against {days} days with labels. Inputs and outputs have the rest of the rate.",
        period=month.chunk.key,
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


def alarm_text(t: Translator, verdict: Verdict) -> str:
    """Return one result that is out, with what chance reaches."""
    name = verdict.member.measure
    return t(
        "{figure} differs from the reference by {effect}; chance reaches {threshold}.",
        figure=metric_label(t, METRIC_OF.get(name, name)),
        effect=t.number(verdict.effect, 3),
        threshold=t.number(verdict.threshold, 3),
    )
