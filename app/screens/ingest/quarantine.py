"""Rows that were refused: why, how many, and the rows themselves to take away."""

import pandas as pd
import streamlit as st

from app.components import Column, download_link, note, section, static_table
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.i18n import Translator
from core.services import exports, ingest
from core.services.safe_csv import csv_bytes

MOST_ROWS = 10_000


def show_quarantine(ctx: PageContext, model: str) -> None:
    """Show the reasons, and let those who may take the rows away."""
    t = ctx.t
    section(t("Quarantine"), t("Rows that were refused, with the reason; nothing is lost."))
    reasons = ingest.quarantine_reasons(ctx.workspace, model, actor=ctx.actor)
    if reasons is None:
        note(t("Counts of all jurisdictions are not available in your scope."))
    elif reasons.empty:
        note(t("No row of this model was refused."))
        return
    else:
        static_table(t, *_reasons(t, reasons), caption=t("Refused rows by column and reason"))
    if not allows(ctx.actor, Permission.quarantine_download):
        return
    key = f"_hl_quarantine_{model}"
    st.button(
        plain(t("Prepare the rows for download")),
        key="quarantine_prepare",
        on_click=_prepare,
        args=(ctx, model, key),
    )
    if key in st.session_state:
        url, shown, total = st.session_state[key]
        text = t("Download {n} of {total} refused rows (CSV)", n=shown, total=total)
        download_link(t, url, text)


def _reasons(t: Translator, reasons: pd.DataFrame) -> tuple[pd.DataFrame, list[Column]]:
    rows = [
        {
            "column": record["column"] or "–",
            "reason": t(str(record["reason"]), **dict(record["params"])),
            "rows": int(record["rows"]),
        }
        for record in reasons.to_dict("records")
    ]
    columns = [
        Column("column", t("Column")),
        Column("reason", t("Reason")),
        Column("rows", t("Rows"), kind="count"),
    ]
    return pd.DataFrame(rows), columns


def _prepare(ctx: PageContext, model: str, key: str) -> None:
    rows = ingest.quarantine_rows(ctx.workspace, model, actor=ctx.actor, limit=MOST_ROWS)
    shown = len(rows.frame)
    url = exports.publish(
        ctx.workspace,
        as_csv(ctx.t, rows.frame),
        actor=ctx.actor,
        permission=Permission.quarantine_download,
        name=f"quarantine-{model}-{shown}-of-{rows.total}-rows.csv",
        media_type="text/csv; charset=utf-8",
        model=model,
    ).url
    st.session_state[key] = url, shown, rows.total


def as_csv(t: Translator, rows: pd.DataFrame) -> bytes:
    """Return refused rows as CSV that a spreadsheet opens and does not calculate."""
    names = ("batch", "file", "line", "column", "reason", "row")
    cells = (
        (
            row["batch"],
            row["file"],
            row["line"],
            row["column"],
            t(str(row["reason"]), **dict(row["params"])),
            row["raw"],
        )
        for row in rows.to_dict("records")
    )
    return csv_bytes(names, cells)
