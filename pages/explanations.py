"""Explanations: decisions that differ from what was expected, code book, letters, stability."""

import streamlit as st

from app.components import footer, kpi_row, page_header, section, sentence
from app.context import page_context
from app.screens.explanations import coverage as covered
from app.screens.explanations import desk
from app.screens.explanations import page as screen
from app.screens.explanations import worklist as listed
from core.services.explanation.worklist import LISTED, worklist

ctx = page_context()
t = ctx.t
page_header(ctx, t("Explanations"), dated=False)
model = ctx.filters.named_model()
with st.spinner(t("Decisions are held against what was expected of them …")):
    found = worklist(ctx.workspace, model, actor=ctx.actor, limit=LISTED)
sentence(ctx, *screen.summary(ctx, found))
part = desk.choose_part(ctx)
if part == desk.WORKLIST:
    kpi_row(t, screen.figures(t, found))
    section(
        t("Different from what was expected"),
        t("Decisions that no person took, against four things that were to be expected of them."),
    )
    listed.show_ways(ctx, found)
    way = listed.choose_way(ctx)
    if way is not None:
        found = worklist(ctx.workspace, model, actor=ctx.actor, limit=LISTED, way=way)
    listed.show_worklist(ctx, found, way)
    section(
        t("Explained by version"),
        t("Decisions that no person took, and of how many an explanation was kept."),
    )
    screen.show_coverage(ctx, found)
    section(
        t("Decisions without explanation"),
        t("All models of your scope, by how much hangs on them: the strictest tier first."),
    )
    covered.show_model_coverage(ctx)
    words = [*listed.definitions(t), *covered.definitions(t), *screen.definitions(t)]
else:
    words = desk.show_part(ctx, part, model)
footer(ctx, definitions=words)
