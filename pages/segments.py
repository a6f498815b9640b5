"""Segments: the slices in which the model does worst, and which of them chance can explain."""

import streamlit as st

from app.components import (
    Definition,
    empty,
    footer,
    note,
    page_header,
    ranked_table,
    section,
    sentence,
    show_chart,
)
from app.components.text import plain
from app.context import PageContext, page_context
from app.screens.measures import measured_by
from app.screens.segments import page as screen
from app.screens.segments import words
from core.errors import NotComputable
from core.metrics.registry import METRICS
from core.services.segments import SegmentTable, segments


def show_segments(ctx: PageContext, table: SegmentTable) -> str:
    """Show the slices by the figure that the reader picks, and return it."""
    t, names = ctx.t, list(table.figures)
    name = st.session_state.get("segments_metric", names[0])
    name = name if name in names else names[0]
    sentence(ctx, *words.summary(t, table, name))
    with st.container(horizontal=True, vertical_alignment="bottom", key="segments_controls"):
        st.selectbox(
            t("Figure"),
            names,
            index=names.index(name),
            format_func=lambda each: t(METRICS[each].label),
            key="segments_metric",
            width=300,
        )
        st.toggle(plain(t("Also two segments together")), key="segments_pairs")
    note(words.family_text(t, table))
    if masked := words.masked_text(t, table):
        note(masked)
    if table.judged(name):
        show_chart(t, screen.worst_chart(ctx.look, table, name), key="segments_worst")
    section(t("Slices, what is worse beyond chance first"))
    frame, columns = screen.ranking(t, table, name)
    place = ranked_table(t, frame, columns, key="segments_rank", alt=t("Slices by damage"))
    if place is not None:
        screen.show_links(ctx, table, table.figures[name][place])
    screen.show_download(ctx, table)
    return name


def show_page(ctx: PageContext, table: SegmentTable) -> None:
    """Show the page of a model with outcomes."""
    t = ctx.t
    definitions = [Definition(t("Damage"), t(words.DAMAGE_MEANING))]
    if not table.slices:
        if table.view.contract.segments:
            empty(
                t("No final outcomes in this period"),
                t("Choose an earlier period, or wait until outcomes have matured."),
            )
        else:
            empty(
                t("No segments"),
                t("Declare segments in the contract: columns whose values make slices."),
                "harbourlight model register SPEC",
            )
    else:
        name = show_segments(ctx, table)
        definitions.insert(0, measured_by(t, name))
    footer(
        ctx,
        definitions=definitions,
        sources=[t("counted now, lake generation {number}", number=str(table.view.generation))],
        decisions=True,
    )


ctx = page_context()
t = ctx.t
try:
    found = segments(
        ctx.workspace,
        ctx.filters.question("all"),
        actor=ctx.actor,
        pairs=bool(st.session_state.get("segments_pairs")),
    )
except NotComputable as error:
    page_header(ctx, t("Segments"))
    empty(t(error.template, **error.params), t(error.remedy, **error.params))
else:
    page_header(ctx, t("Segments"), as_of=found.view.as_of)
    show_page(ctx, found)
