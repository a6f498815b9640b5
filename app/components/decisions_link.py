"""From a page about a period to the decisions that its figures are made of."""

from urllib.parse import parse_qsl

import streamlit as st

from app.components.text import plain
from app.context import PageContext


def decisions_query(ctx: PageContext) -> dict[str, str]:
    """Return what the address of the list says: the page's own filters, its days by their dates.

    A period that is counted back from the newest record would be another one tomorrow.
    """
    filters = ctx.filters
    days = {}
    if filters.first is not None and filters.last is not None:
        days = {
            "range": "custom",
            "from": filters.first.isoformat(),
            "to": filters.last.isoformat(),
        }
    return dict(parse_qsl(filters.query(**{"model": filters.model or "", **days})))


def show_decisions_link(ctx: PageContext) -> None:
    """Lead who may open decisions to those of the page's period, version and slice."""
    page = ctx.pages.get("decision")
    if page is None or ctx.filters.model is None:
        return
    with st.container(key="hl_go_decisions", width="content"):
        st.page_link(
            page, label=plain(ctx.t("Decisions of this period")), query_params=decisions_query(ctx)
        )
