"""Revealing personal values of one prediction: a reason, a step-up, and an entry on record."""

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, section, static_table
from app.components.step_up import attempt
from app.context import PageContext
from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.services import personal

_SEEN = "_hl_revealed"


def show_reveal(ctx: PageContext, contract: ModelContract) -> None:
    """Let those who may look at one prediction's personal values do so, for this run only."""
    t, model = ctx.t, contract.id
    known = sorted(contract.personal_log_columns)
    if not known or not allows(ctx.actor, Permission.personal_reveal):
        return
    section(
        t("Personal values"),
        t("Masked everywhere. Each look needs a reason and is an entry of the audit trail."),
    )
    _show_values(ctx)
    with (
        st.expander(plain(t("Reveal the values of one prediction")), key=f"reveal_open_{model}"),
        st.form(f"reveal_{model}", border=False, clear_on_submit=True),
    ):
        wanted = st.text_input(
            t("Id of the prediction"), key=f"reveal_id_{model}", max_chars=200
        ).strip()
        columns = st.multiselect(
            t("Columns to reveal"), known, format_func=plain, key=f"reveal_columns_{model}"
        )
        reason = st.text_input(
            t("Reason, which names no person"), key=f"reveal_reason_{model}", max_chars=1000
        )
        pressed = st.form_submit_button(plain(t("Reveal")))
    if pressed and wanted and columns:

        def reveal(actor: Actor) -> None:
            values = personal.reveal(
                ctx.workspace, model, wanted, columns, reason=reason, actor=actor
            )
            st.session_state[_SEEN] = (wanted, dict(values))

        attempt(ctx, reveal)
        st.rerun()


def _show_values(ctx: PageContext) -> None:
    """Show what was just revealed, once: the next run of the page has forgotten it."""
    t = ctx.t
    seen = st.session_state.pop(_SEEN, None)
    if seen is None:
        return
    wanted, values = seen
    rows = [
        {"column": name, "value": "–" if value is None else str(value)}
        for name, value in values.items()
    ]
    columns = [Column("column", t("Column")), Column("value", t("Value"))]
    caption = t("Personal values of prediction {id}", id=wanted)
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
    note(t("These values are gone at the next step on this page."))
