"""The log of disclosures on the rights desk: entries one by one, from a file, and as at receipt."""

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from app.screens.requests.desk import may_handle, model_name
from core.domain.working_days import HONG_KONG
from core.i18n import Translator
from core.services.rights import disclosure_log, disclosures
from core.services.rights.desk import Request
from core.store.rights.disclosures import Disclosure

_SHOWN = 12


def show_log(ctx: PageContext) -> None:
    """Show the newest entries, and let those who handle requests make some."""
    t = ctx.t
    found = disclosure_log.list_disclosures(ctx.workspace, actor=ctx.actor)
    if found:
        static_table(t, *log_frame(ctx, found), caption=t("Disclosures, the newest first"))
    else:
        note(t("No disclosure is noted. What nobody notes is told to nobody."))
    if not may_handle(ctx):
        return
    left, right = st.columns(2, gap="medium")
    with left.expander(t("Note a disclosure"), key="disclosure_open_add"):
        _add_form(ctx)
    with right.expander(t("Enter disclosures from a file"), key="disclosure_open_import"):
        _import_form(ctx)


def show_at_receipt(ctx: PageContext, found: Request) -> None:
    """Show to whom the data of a request's customer were given in the year before it came in."""
    t = ctx.t
    if not found.is_statutory:
        return
    listed = disclosure_log.disclosed_at_receipt(ctx.workspace, found.id, actor=ctx.actor)
    if listed:
        static_table(
            t,
            *log_frame(ctx, listed),
            caption=t("Who was given the data in the twelve months up to receipt"),
        )
    elif found.kind == "access":
        note(t("The log names nobody who was given the data in the twelve months up to receipt."))


def log_frame(ctx: PageContext, found: tuple[Disclosure, ...]) -> tuple[pd.DataFrame, list[Column]]:
    """Return entries as a table and its columns; people are pseudonyms."""
    t = ctx.t
    rows = [
        {
            "on": t.date(each.disclosed_on),
            "person": each.subject_id[:_SHOWN],
            "model": model_name(ctx, each.model_id) if each.model_id else t("not known"),
            "recipient": each.recipient,
            "purpose": each.purpose,
            "what": t.items(*each.what) or t("not known"),
        }
        for each in found
    ]
    return pd.DataFrame(rows), _columns(t)


def _columns(t: Translator) -> list[Column]:
    return [
        Column("on", t("Given on")),
        Column("person", t("Pseudonym")),
        Column("model", t("Model")),
        Column("recipient", t("Recipient")),
        Column("purpose", t("Purpose")),
        Column("what", t("Columns")),
    ]


def _add_form(ctx: PageContext) -> None:
    t, names = ctx.t, {each.id: each.name for each in ctx.models}
    with st.form("disclosure_add", border=False, clear_on_submit=True):
        reference = st.text_input(
            t("Reference of the person, exactly as the logs write it"),
            key="disclosure_reference",
            autocomplete="off",
        )
        recipient = st.text_input(t("Recipient"), key="disclosure_recipient", max_chars=300)
        purpose = st.text_input(t("Purpose"), key="disclosure_purpose", max_chars=300)
        today = ctx.workspace.clock().astimezone(HONG_KONG).date()
        day = st.date_input(t("Given on"), value=today, max_value=today, key="disclosure_day")
        columns = st.text_input(
            t("Columns that were given, separated by commas; empty if it is not known"),
            key="disclosure_columns",
        )
        model = st.selectbox(
            t("Model"),
            [None, *names] if ctx.actor.models is None else list(names),
            format_func=lambda name: t("not known") if name is None else names[name],
            key="disclosure_model",
        )
        pressed = st.form_submit_button(t("Note the disclosure"))
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: disclosures.note_disclosure(
                ctx.workspace,
                reference,
                recipient,
                purpose=purpose,
                on=day,
                columns=columns.split(","),
                model=model,
                actor=actor,
            ),
            done=t("Noted."),
        )


def _import_form(ctx: PageContext) -> None:
    t = ctx.t
    with st.form("disclosure_import", border=False, clear_on_submit=True):
        given = st.file_uploader(
            plain(
                t("CSV with the columns {columns}: all rows, or none",
                  columns=t.items(*disclosure_log.COLUMNS))
            ),
            type=["csv"],
            key="disclosure_file",
        )  # fmt: skip
        pressed = st.form_submit_button(t("Enter the file"))
    if pressed and given is not None:
        content = given.getvalue()
        attempt_and_rerun(
            ctx,
            lambda actor: disclosure_log.import_disclosures(ctx.workspace, content, actor=actor),
            done=t("Entered; what was there already stays."),
        )
