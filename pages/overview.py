"""Overview: every model as a card, and the cohorts of the chosen one."""

import streamlit as st

from app.components import (
    footer,
    model_card,
    note,
    page_header,
    section,
    sentence,
    static_table,
)
from app.context import page_context
from app.screens.measures import measured_by
from app.screens.overview import page as screen
from core.services.cohorts import cohort_table
from core.services.overview import overview

ctx = page_context()
t = ctx.t
as_of = ctx.filters.as_of.isoformat() if ctx.filters.as_of else None
found = overview(ctx.workspace, actor=ctx.actor, as_of=as_of)
chosen = screen.chosen(ctx, found)
page_header(ctx, t("Overview"), as_of=chosen.view.as_of if chosen and chosen.view else None)
sentence(ctx, *screen.summary(t, found))
note(screen.origin_text(t, found))
with st.container(key="hl_model_cards"):
    for health in found:
        model_card(ctx, screen.card(ctx, health))

if chosen is not None and chosen.view is not None:
    section(t("Cohorts of {model}", model=chosen.contract.name.get(t.locale)))
    table = cohort_table(ctx.workspace, ctx.filters.question("year", whole=True), actor=ctx.actor)
    sentence(ctx, screen.cohort_sentence(t, table))
    frame, columns = screen.cohort_frame(t, table)
    static_table(
        t,
        frame,
        columns,
        caption=t(
            "Outcomes as known on {date}; intervals at 95%.",
            date=t.date(table.view.as_of, table.view.timezone),
        ),
    )
    footer(
        ctx,
        definitions=[
            measured_by(t, name)
            for name in ("outcome_rate", "outcome_to_score_ratio", "roc_auc", "label_maturity")
        ],
        sources=[t("counted now, lake generation {number}", number=str(table.view.generation))],
    )
