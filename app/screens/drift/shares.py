"""One feature's values beside what they are compared with: by groups, or as cumulated shares."""

from datetime import timedelta

import numpy as np
import streamlit as st

from app.charts import Chart, Look, distribution, labels_for
from app.components import note, show_chart
from app.context import PageContext
from app.screens.compared import period_title, side_name
from app.screens.drift.cumulative import cropped, cumulative_chart, distance_sentence, shares_of
from app.screens.drift.page import chunk_labels
from app.screens.words import column_label, column_unit, group_text, named_group
from core.domain.windows import local_day
from core.i18n import N_, Translator
from core.metrics.drift import contributions
from core.services.drift.measure import ColumnDrift, DriftTable, newest_judged

# What these measure is seen in the cumulated shares.
_CUMULATIVE = frozenset({"kolmogorov_smirnov", "wasserstein"})
_SHARES = {"groups": N_("by group of values"), "cumulated": N_("cumulated")}


def show_distribution(ctx: PageContext, table: DriftTable, column: ColumnDrift) -> None:
    """Show reference against a chunk that the reader picks; first the newest judged one."""
    t = ctx.t
    newest = newest_judged(column)
    counts = column.counts
    filled = [
        index
        for index, n in enumerate(counts.current.row_count)
        if n and counts.reference_at(index).row_count
    ]
    if not filled:
        note(t("There are no rows to compare."))
        return
    labels = [t.chunk(each) for each in chunk_labels(t, table)]
    chosen = st.selectbox(
        t("Compare the reference with") if table.against.is_fixed else t("Period"),
        filled,
        index=filled.index(newest) if newest in filled else len(filled) - 1,
        format_func=lambda index: labels[index],
        key="drift_chunk",
    )
    shares = shares_of(column, chosen)
    if shares is None or not _is_cumulated(t, table):
        figure = distribution_chart(ctx.look, table, column, chosen, labels[chosen])
        show_chart(t, figure, key="drift_distribution")
        return
    note(distance_sentence(t, table, column, shares))
    figure = cumulative_chart(ctx.look, table, column, chosen, labels[chosen], shares)
    show_chart(t, figure, key="drift_cumulative")
    if cropped(shares):
        note(t("Up to half a percent of the rows at either end lies beyond the picture."))


def distribution_chart(
    look: Look, table: DriftTable, column: ColumnDrift, chunk: int, period: str
) -> Chart:
    """Return reference against one chunk, group by group."""
    t, view = look.t, table.view
    unit = column_unit(t, view.contract, column.column)
    parts = [
        part
        for part in contributions(
            column.result.method,
            column.counts.bins,
            column.counts.reference_at(chunk),
            column.counts.current_at(chunk),
        )
        if part.reference_share > 0 or part.current_share > 0
    ]
    at = table.chunks[chunk]
    return distribution(
        look,
        labels_for(
            t,
            title=period_title(t, table, column, period),
            x=column_label(t, view.contract, column.column),
            y=t("Share of rows"),
            n=int(column.counts.reference_at(chunk).row_count),
            first=local_day(at.start, view.timezone),
            last=local_day(at.end - timedelta(microseconds=1), view.timezone),
        ),
        groups=[
            group_text(t, named_group(t, view.contract, column.column, part.group), unit)
            for part in parts
        ],
        reference=np.asarray([part.reference_share for part in parts]),
        current=np.asarray([part.current_share for part in parts]),
        current_n=int(column.counts.current_at(chunk).row_count),
        beside="" if table.against.is_fixed else side_name(t, table.against),
    )


def _is_cumulated(t: Translator, table: DriftTable) -> bool:
    """Let the reader choose between groups and cumulated shares; return the choice."""
    measured = {column.result.method for column in table.columns}
    by_lines = bool(measured & _CUMULATIVE)
    chosen = st.segmented_control(
        t("Show the shares"),
        ["groups", "cumulated"],
        default="cumulated" if by_lines else "groups",
        format_func=lambda name: t(_SHARES[name]),
        # A measure that reads the lines opens with them: a control of its own remembers its own.
        key="drift_shares_cumulated" if by_lines else "drift_shares",
        required=True,
    )
    return chosen == "cumulated"
