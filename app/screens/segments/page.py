"""The segments screen: the slices in which a model does worst, with what chance can explain."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import Chart, Look, interval_rows, labels_for
from app.components import Column, FileOffer, Prepared, offer_files, publish_csv, section
from app.components.text import plain
from app.context import PageContext
from app.screens.figures import p_text
from app.screens.segments.words import DAMAGE, figure_text, finding, slice_label
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.metrics.registry import METRICS
from core.services.safe_csv import csv_bytes
from core.services.segments import SegmentTable, SliceRow, csv_table

MOST_ROWS = 12


def worst_chart(look: Look, table: SegmentTable, name: str) -> Chart:
    """Return the differences of the worst slices with their intervals."""
    t = look.t
    rows = table.judged(name)[:MOST_ROWS]
    first, last = table.view.window.days(table.view.timezone)
    return interval_rows(
        look,
        labels_for(
            t,
            title=t("The slices that do most damage"),
            x=t("{figure}: difference from the rest", figure=t(METRICS[name].label)),
            y=t("Slice"),
            n=table.n,
            first=first,
            last=last,
        ),
        rows=[slice_label(t, table.view.contract, row) for row in rows],
        values=np.asarray([row.difference for row in rows]),
        low=np.asarray([row.low for row in rows]),
        high=np.asarray([row.high for row in rows]),
        n=[row.affected for row in rows],
        limit=0.0,
        limit_word=t("like the rest"),
        write=lambda value: figure_text(t, table, name, value),
        interval_word=t("95% interval"),
        marked=[row.found for row in rows],
    )


def ranking(t: Translator, table: SegmentTable, name: str) -> tuple[pd.DataFrame, list[Column]]:
    """Return the slices as a table, first what is worse beyond chance."""
    lines = [_line(t, table, name, row) for row in table.figures[name]]
    columns = [
        Column("slice", t("Slice")),
        Column("n", "n", kind="count"),
        Column("value", t(METRICS[name].label), "figure"),
        Column("rest", t("The rest"), "figure"),
        Column("difference", t("Difference"), "figure"),
        Column("interval", t("95% interval")),
        Column("p", t("Adjusted p"), "figure", help=t("For all comparisons of this page.")),
        Column("finding", t("Finding")),
    ]
    if name in DAMAGE:
        columns.insert(6, Column("damage", t(DAMAGE[name]), "figure"))
    return pd.DataFrame(lines, columns=[*(column.name for column in columns)]), columns


def _line(t: Translator, table: SegmentTable, name: str, row: SliceRow) -> dict[str, object]:
    def written(value: float) -> str:
        return figure_text(t, table, name, value)

    between = ""
    if not math.isnan(row.low):
        between = t("{low} to {high}", low=written(row.low), high=written(row.high))
    return {
        "slice": slice_label(t, table.view.contract, row),
        "n": row.n,
        "value": written(row.value),
        "rest": written(row.rest),
        "difference": written(row.difference),
        "interval": between,
        "damage": "–" if math.isnan(row.damage) else t.number(round(row.damage)),
        "p": p_text(t, row.adjusted),
        "finding": finding(t, row),
    }


def show_links(ctx: PageContext, table: SegmentTable, row: SliceRow) -> None:
    """Offer to look at one slice: at what is worst within it, or at its course over time."""
    t, (name, value) = ctx.t, row.slice[0]
    section(slice_label(t, table.view.contract, row))
    with st.container(horizontal=True, vertical_alignment="center", key="segments_links"):
        st.button(
            plain(t("Look within this slice")),
            key="segments_within",
            on_click=_choose,
            args=(name, value),
        )
        if "performance" in ctx.pages:
            st.page_link(
                ctx.pages["performance"],
                label=plain(t("Its performance over time")),
                query_params={"slice": name, "value": value},
            )


def _choose(name: str, value: str) -> None:
    """Set the slice filter, as its chip does."""
    st.session_state["slice"], st.session_state["value"] = name, value


def show_download(ctx: PageContext, table: SegmentTable) -> None:
    """Let the reader take every figure of every slice as a file."""
    offer_files(
        ctx,
        FileOffer(
            ctx.t("Prepare the slices (CSV)"),
            lambda actor: _prepared(ctx, actor, table),
            key="segments_prepare",
            permission=Permission.performance_view,
            asked=(table.view.key, table.pairs),
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, table: SegmentTable) -> Prepared:
    model = table.view.contract.id
    header, rows = csv_table(table)
    return publish_csv(
        ctx,
        actor,
        csv_bytes(header, rows),
        permission=Permission.performance_view,
        name=f"segments-{model}-{table.view.as_of:%Y%m%d}.csv",
        text=ctx.t("Download {n} rows with their filters (CSV)", n=len(rows)),
        model=model,
    )
