"""Rows that were refused: why, how many, and the rows themselves to take away."""

import pandas as pd

from app.components import (
    Column,
    FileOffer,
    Prepared,
    note,
    offer_files,
    publish_csv,
    section,
    static_table,
)
from app.context import PageContext
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services import ingest
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
    offer_files(
        ctx,
        FileOffer(
            t("Prepare the refused rows (CSV)"),
            lambda actor: _prepared(ctx, actor, model),
            key="quarantine_prepare",
            permission=Permission.quarantine_download,
            asked=model,
        ),
    )


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


def _prepared(ctx: PageContext, actor: Actor, model: str) -> Prepared:
    rows = ingest.quarantine_rows(ctx.workspace, model, actor=actor, limit=MOST_ROWS)
    n, total = len(rows.frame), rows.total
    return publish_csv(
        ctx,
        actor,
        as_csv(ctx.t, rows.frame),
        permission=Permission.quarantine_download,
        name=f"quarantine-{model}-{n}-of-{total}-rows.csv",
        text=ctx.t("Download {n} of {total} refused rows (CSV)", n=n, total=total),
        model=model,
    )


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
