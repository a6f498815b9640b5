"""Data quality: what is missing, out of range, unseen, of the wrong type, repeated or late."""

import streamlit as st

from app.components import (
    Definition,
    footer,
    kpi_row,
    not_enough_reference,
    page_header,
    ranked_table,
    section,
    sentence,
    show_chart,
)
from app.context import page_context
from app.screens import quality as screen
from app.screens.drift.skew import show_skew
from app.screens.ingest.quarantine import show_quarantine
from app.screens.marks import version_marks
from app.screens.performance.confidence import show_confidence
from app.screens.personal_data.reveal import show_refused_reveal, show_reveal
from app.screens.words import column_label
from core.metrics.registry import METRICS, family_members
from core.services.quality import SHARES, quality

ctx = page_context()
t = ctx.t
found = quality(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
page_header(ctx, t("Data quality"), as_of=found.view.as_of)
sentence(ctx, *screen.summary(t, found))
kpi_row(t, screen.figures(t, found))

if found.waiting is not None:
    not_enough_reference(t, *found.reference_days)
shares = screen.shares_shown(found)
if shares:  # none without a reference, and none where the period has no rows of the slice
    marks = version_marks(ctx, found.view)
    share = st.segmented_control(
        t("Share of rows that are"),
        shares,
        default=shares[0],
        format_func=lambda name: t(METRICS[name].label),
        key="quality_share",
        required=True,
    )
    frame, columns = screen.ranking(t, found)
    chosen = st.session_state.get("quality_chosen")
    if chosen not in frame.index:  # nothing yet, or an input of another model
        chosen = frame.index[0]
    show_chart(t, screen.map_chart(ctx.look, found, share, chosen, marks), key="quality_map")
    section(t("Inputs, the worst first"))
    place = ranked_table(t, frame, columns, key="quality_rank", alt=t("Data quality by input"))
    column = screen.ranked(found)[place or 0]
    st.session_state["quality_chosen"] = column.column
    section(column_label(t, found.view.contract, column.column))
    name, _ = screen.worst_share(found, column)
    show_chart(t, screen.trend_chart(ctx.look, found, column, name, marks), key="quality_trend")

show_skew(ctx)
show_confidence(ctx)
show_quarantine(ctx, found.view.contract.id)
show_refused_reveal(ctx, found.view.contract)
show_reveal(ctx, found.view.contract)
footer(
    ctx,
    definitions=[
        Definition(
            t(METRICS[name].label), t.sentences(t(METRICS[name].meaning), t(METRICS[name].formula))
        )
        for name in (
            *(*SHARES, *found.whole_log()),
            *(metric.id for metric in family_members("confidence")),
        )
    ],
    sources=[t("counted now, lake generation {number}", number=str(found.view.generation))],
)
