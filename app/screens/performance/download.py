"""Taking every performance figure away, with what was asked in each line."""

import streamlit as st

from app.components import download_link
from app.components.text import plain
from app.context import PageContext
from core.domain.identity import Permission
from core.services import exports
from core.services.performance import Estimates, Performance, csv_table, rows_beside
from core.services.performance.matrix import class_rows, outcome_matrix
from core.services.safe_csv import csv_bytes


def show_download(ctx: PageContext, found: Performance, estimates: Estimates) -> None:
    """Let the reader prepare the file, and then take it."""
    t = ctx.t
    key = f"_hl_performance_{hash(found.view.key)}_{t.locale}"
    st.button(
        plain(t("Prepare the figures for download")),
        key="performance_prepare",
        on_click=_prepare,
        args=(ctx, found, estimates, key),
    )
    if key in st.session_state:
        url, count = st.session_state[key]
        download_link(t, url, t("Download {n} figures with their filters (CSV)", n=count))


def _prepare(ctx: PageContext, found: Performance, estimates: Estimates, key: str) -> None:
    model = found.view.contract.id
    by_class = class_rows(found, outcome_matrix(ctx.workspace, found))
    header, rows = csv_table(found.view, [*rows_beside(found, estimates), *by_class])
    url = exports.publish(
        ctx.workspace,
        csv_bytes(header, rows),
        actor=ctx.actor,
        permission=Permission.performance_view,
        name=f"performance-{model}-{found.view.as_of:%Y%m%d}.csv",
        media_type="text/csv; charset=utf-8",
        model=model,
    ).url
    st.session_state[key] = url, len(rows)
