"""A chart to take away: its table as CSV and itself as a picture, each with what was asked."""

import re
from collections.abc import Iterator
from datetime import date

import streamlit as st

from app.charts import Chart
from app.chosen import slice_text, version_text
from app.components.file_offer import FileOffer, Prepared, offer_files, publish_csv
from app.components.footer import view_link
from app.components.text import escape, plain
from app.context import PageContext, shown_as_of
from core.domain.identity import Actor
from core.i18n import Translator
from core.services.safe_csv import csv_bytes

_UNSAFE = re.compile(r"[^\w.-]+")


def show_files(ctx: PageContext, chart: Chart, key: str) -> None:
    """Offer the chart under this key as a picture, and its table as a file.

    The browser makes the picture of what it shows; nothing is asked of anybody for it.
    """
    t, words = ctx.t, about(ctx, chart)
    told = [chart.labels.title, *_lines(t, words)]
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_files"):
        name = file_name(ctx, chart, "png")
        made_at = t("{name}: {text}", name=t("Made at"), text="")
        st.html(
            f'<button type="button" class="hl-export" data-hl-picture="{escape(key)}"'
            f' data-hl-words="{escape(chr(10).join(told))}" data-hl-file="{escape(name)}"'
            f' data-hl-made="{escape(made_at)}">{escape(t("Picture (PNG)"))}</button>',
            width="content",
        )
        offer_files(
            ctx,
            FileOffer(
                t("Prepare the table (CSV)"),
                lambda actor: _prepared(ctx, actor, chart, words),
                key=f"{key}_csv",
                permission=ctx.permission,
                asked=(chart.labels, words),
            ),
        )
    st.caption(plain(t("Link to this view")))
    st.code(dict(words)[t("Link")], language=None)


def about(ctx: PageContext, chart: Chart) -> tuple[tuple[str, str], ...]:
    """Return what a chart shows and what was asked, as pairs of a name and a text."""
    t, labels, model = ctx.t, chart.labels, ctx.model
    measure = f"{labels.y} ({labels.unit})" if labels.unit else labels.y
    found = {
        t("Model"): "" if model is None else f"{model.name} ({model.id})",
        t("Version"): version_text(t, ctx.filters),
        t("Slice"): "" if model is None else slice_text(t, ctx.filters, model),
        t("Period"): labels.period,
        t("Rows"): f"n = {t.number(labels.n)}",
        t("As of"): shown_as_of(),
        t("Lake generation"): "" if model is None else str(model.generation),
        t("Measure"): f"{measure} × {labels.x}",
        t("Made by"): ctx.actor.username,
        t("Link"): view_link(str(st.context.url or ""), ctx.filters.query()),
    }
    return tuple((name, text) for name, text in found.items() if text)


def csv_of(ctx: PageContext, chart: Chart, words: tuple[tuple[str, str], ...]) -> bytes:
    """Return the chart's table behind lines that say what it is."""
    t = ctx.t
    made = t.instant(ctx.workspace.clock(), ctx.filters.timezone)
    head = ((t("Chart"), chart.labels.title), *words, (t("Made at"), made))
    return csv_bytes([str(name) for name in chart.table.columns], _rows(chart), head)


def file_name(ctx: PageContext, chart: Chart, ending: str) -> str:
    """Return a name that says model, chart and period."""
    parts = (ctx.filters.model or "", chart.labels.title, chart.labels.period)
    return f"{_UNSAFE.sub('-', '-'.join(parts)).strip('-')[:150]}.{ending}"


def _lines(t: Translator, words: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the pairs as two lines: what was asked, and the link."""
    *asked, link = (t("{name}: {text}", name=name, text=text) for name, text in words)
    return [" · ".join(asked), link]


def _prepared(
    ctx: PageContext, actor: Actor, chart: Chart, words: tuple[tuple[str, str], ...]
) -> Prepared:
    return publish_csv(
        ctx,
        actor,
        csv_of(ctx, chart, words),
        permission=ctx.permission,
        name=file_name(ctx, chart, "csv"),
        text=ctx.t("Download the table with its filters (CSV)"),
        model=ctx.filters.model,
    )


def _rows(chart: Chart) -> Iterator[list[object]]:
    for row in chart.table.itertuples(index=False, name=None):
        yield [_cell(value) for value in row]


def _cell(value: object) -> object:
    """Return a value as machines read it: an ISO date, and nothing where nothing is known."""
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None or value != value else value
