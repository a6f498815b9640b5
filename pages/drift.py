"""Drift: which inputs moved, since when, and what the change looks like."""

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
from app.context import PageContext, page_context
from app.screens import report
from app.screens.compared import choose_comparison, show_comparison
from app.screens.drift import page as screen
from app.screens.drift.alarms import MEASURED, show_alarms
from app.screens.drift.multivariate import show_multivariate
from app.screens.drift.shares import show_distribution
from app.screens.marks import version_marks
from app.screens.measures import measured_by
from app.screens.readable import readable_drift
from app.screens.words import column_label
from core.metrics.registry import METRICS, family_members
from core.services.drift.measure import DEFAULT_METHOD, DriftTable


def show_drift(ctx: PageContext, table: DriftTable) -> None:
    """Show what moved, and beneath it the detail of the row that the reader picks."""
    t = ctx.t
    frame, columns = screen.ranking(t, table)
    chosen = st.session_state.get("drift_chosen")
    if chosen not in frame.index:  # nothing yet, or an input of another model
        chosen = frame.index[0]
    marks = version_marks(ctx, table.view)
    show_chart(t, screen.map_chart(ctx.look, table, chosen, marks), key="drift_map")
    if few := screen.left_out(t, table):
        note(few)

    section(t("Inputs and outputs, by how far they moved"))
    place = ranked_table(t, frame, columns, key="drift_rank", alt=t("Drift by input"))
    column = table.column(str(frame.index[place or 0]))
    st.session_state["drift_chosen"] = column.column

    section(column_label(t, table.view.contract, column.column))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_chart(
            t,
            screen.trend_chart(ctx.look, table, column, marks),
            key="drift_trend",
        )
    with right:
        show_distribution(ctx, table, column)


ctx = page_context()
t = ctx.t
methods = [metric.id for metric in family_members("drift")]
method = st.session_state.get("drift_method", DEFAULT_METHOD)
known = (method, DEFAULT_METHOD) if method in methods else (DEFAULT_METHOD,)
asked = tuple(dict.fromkeys(known))  # the second one where the first does not apply
found = readable_drift(ctx.workspace, ctx.filters, asked, actor=ctx.actor)
table = screen.one_method(found, method)
page_header(ctx, t("Drift"), as_of=table.view.as_of)
if table.chunks:
    sentence(ctx, *screen.summary(t, table))
with st.container(horizontal=True, vertical_alignment="bottom", key="drift_tools"):
    st.selectbox(
        t("Measure"),
        methods,
        index=methods.index(DEFAULT_METHOD),
        format_func=lambda name: t(METRICS[name].label),
        key="drift_method",
        width=300,
    )
    choose_comparison(ctx)
    report.show_report(ctx)
if table.chunks:
    show_comparison(t, table)
    show_drift(ctx, table)
    show_alarms(ctx, table)
    show_multivariate(ctx, table)
else:
    empty(t("No rows in this period"), t("Choose another period, version or slice above."))

used = METRICS[table.columns[0].result.method]
footer(
    ctx,
    definitions=[
        measured_by(t, used.id),
        Definition(
            t("Reference") if table.against.is_fixed else t("Compared with"),
            screen.reference_text(t, table),
        ),
        Definition(t("Thresholds"), screen.threshold_text(t, table)),
        Definition(t("Alarms"), t(MEASURED)),
    ],
    sources=screen.sources(t, table),
    decisions=True,
)
