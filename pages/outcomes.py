"""Outcomes: what the models earn, whether the targets are met, and why it changed."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.components import (
    Definition,
    empty,
    footer,
    kpi_cards,
    note,
    page_header,
    plain,
    section,
    sentence,
    show_chart,
)
from app.context import PageContext, page_context
from app.screens.outcomes import forecast as ahead
from app.screens.outcomes import page as screen
from app.screens.outcomes import parts as part
from app.screens.outcomes.foot import definitions_of, intervals_text, show_download
from app.screens.outcomes.periods import (
    Sides,
    choose_sides,
    chosen_grain,
    chosen_sides,
)
from app.screens.outcomes.segments import where_text
from app.screens.outcomes.words import LEVEL_WORDS
from core.services.kpi_forecast import KpiForecasts
from core.services.kpis import KpiAnswer, kpi_figures


def show_outcomes(ctx: PageContext, answer: KpiAnswer, sides: Sides) -> None:
    """Show the sentence, the cards, and why the chosen KPI is what it is."""
    t = ctx.t
    choose_sides(ctx, sides)
    beside = part.figures_beside(ctx.workspace, answer, sides, actor=ctx.actor)
    kpis = screen.shown_kpis(answer.kpis, sides, beside)
    chosen = part.chosen_kpi(ctx, kpis)
    told = part.change_of(ctx, sides, chosen)
    text, level = screen.headline(t, kpis, sides)
    money = part.money_sentence(ctx, sides)
    sentence(ctx, t.sentences(text, money, told.sentence(t)), level.status, t(LEVEL_WORDS[level]))
    forecasts = ahead.forecasts_of(ctx, sides)
    show_cards(ctx, sides, kpis, chosen, forecasts)
    show_change(ctx, sides, chosen, told, forecasts)
    value = part.show_segments(ctx, sides, chosen)
    part.show_decisions(ctx, sides, chosen, value)


def show_cards(
    ctx: PageContext,
    sides: Sides,
    kpis: Sequence[screen.Shown],
    chosen: screen.Shown,
    forecasts: KpiForecasts,
) -> None:
    """Show the KPIs that have a target as cards, the worst first; those that have none below."""
    t, here = ctx.t, chosen.id
    show = partial(
        kpi_cards, ctx.palette, chosen=here, action=t("Why it changed"), choose=part.choose_kpi
    )
    cards = {
        each.id: screen.card_of(
            t, each, sides, ahead.card_line(t, ahead.told_of(forecasts, sides, each.id))
        )
        for each in kpis
    }
    aimed = screen.worst_first([each for each in kpis if each.is_aimed] or kpis)
    rest = [each for each in kpis if each not in aimed]
    show([cards[each.id] for each in aimed])
    if rest:
        label = t.n("{n} figure without a target", "{n} figures without a target", len(rest))
        with st.expander(plain(label), expanded=chosen in rest):
            show([cards[each.id] for each in rest], key="hl_kpi_cards_rest")


def show_change(
    ctx: PageContext,
    sides: Sides,
    chosen: screen.Shown,
    told: part.Told,
    forecasts: KpiForecasts,
) -> None:
    """Show what each cause added to the chosen KPI, and its course over all periods."""
    t, definition = ctx.t, chosen.series.definition
    section(definition.name.get(t.locale), definition.meaning.get(t.locale))
    coming = ahead.told_of(forecasts, sides, chosen.id)
    ahead.show_forecast(ctx, forecasts, coming)
    left, right = st.columns(2, gap="medium")
    with left:
        if told.change is None:
            note(told.reason)
        else:
            show_chart(t, screen.change_chart(ctx.look, told.change, sides), key="outcomes_change")
            where = where_text(t, told.change)
            if where:
                note(where)
    with right:
        marks = part.marks_of(ctx, sides)
        expected = ahead.expected_of(coming, sides)
        chart = screen.course_chart(ctx.look, chosen.series, sides, marks, expected)
        show_chart(t, chart, key="outcomes_course")
        part.show_worst(ctx, sides, chosen)


def show_foot(ctx: PageContext, answer: KpiAnswer) -> None:
    """Close the page with what each KPI means."""
    t = ctx.t
    footer(
        ctx,
        definitions=[
            *definitions_of(t, answer.kpis),
            Definition(
                t("On track, at risk, missed"),
                t(
                    "On track: the target is met and no limit is crossed. At risk: the target is "
                    "not met, or a limit for watching is crossed. Missed: the limit for acting is "
                    "crossed; where none was agreed, the target is missed by more than chance."
                ),
            ),
            Definition(t("Intervals"), intervals_text(t, answer)),
            Definition(t("Expected by the end of the period"), ahead.explained(t)),
        ],
        sources=[t("counted now, lake generation {number}", number=str(answer.view.generation))],
        decisions=True,
    )


ctx = page_context()
t = ctx.t
grain = chosen_grain(ctx.filters)
answer = kpi_figures(ctx.workspace, ctx.filters.question(grain), actor=ctx.actor)
page_header(ctx, t("Business outcomes"), as_of=answer.view.as_of)
if not answer.kpis:
    empty(
        t("No KPIs yet"),
        t("One line of the contract chooses the set of your sector; then register it again:"),
        "kpi_set: bank_credit",
    )
elif not answer.view.chunks:
    empty(t("No rows in this period"), t("Choose another period, version or slice above."))
else:
    show_outcomes(ctx, answer, chosen_sides(ctx.filters, answer, grain))
    show_download(ctx, answer)
show_foot(ctx, answer)
