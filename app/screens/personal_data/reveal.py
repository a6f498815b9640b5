"""Revealing personal values of one row: a reason, a step-up, and an entry on record."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, section, static_table
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from app.screens.requests.dispute import show_notes
from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.personal import masking as personal
from core.services.personal import refused_rows as personal_refused
from core.services.rights import disputes

_SEEN = "_hl_revealed"
_DISPUTES = "_hl_revealed_disputes"
_SEEN_REFUSED = "_hl_revealed_refused"


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
    seen = st.session_state.pop(_SEEN, None)
    if seen is not None:
        show_notes(t, st.session_state.pop(_DISPUTES, ()))
        _show_values(t, t("Personal values of prediction {id}", id=seen[0]), seen[1])
    with (
        st.expander(plain(t("Reveal the values of one prediction")), key=f"reveal_open_{model}"),
        st.form(f"reveal_{model}", border=False, clear_on_submit=True),
    ):
        wanted = st.text_input(
            t("Id of the prediction"), key=f"reveal_id_{model}", max_chars=200
        ).strip()
        columns = st.multiselect(
            t("Columns to reveal"),
            known,
            placeholder=t("Choose columns"),
            key=f"reveal_columns_{model}",
        )
        reason = st.text_input(
            t("Reason, which names no person"), key=f"reveal_reason_{model}", max_chars=1000
        )
        pressed = st.form_submit_button(plain(t("Reveal")), key=f"reveal_press_{model}")
    if pressed and wanted and columns:

        def reveal(actor: Actor) -> None:
            values = personal.reveal(
                ctx.workspace, model, wanted, columns, reason=reason, actor=actor
            )
            st.session_state[_SEEN] = (wanted, dict(values))
            st.session_state[_DISPUTES] = disputes.notes_shown(
                ctx.workspace, model, wanted, "reveal", actor=actor
            )

        attempt_and_rerun(ctx, reveal)


def show_refused_reveal(ctx: PageContext, contract: ModelContract) -> None:
    """Let those who may look at one refused row's personal values do so, for this run only."""
    t, model = ctx.t, contract.id
    known = sorted(contract.personal_log_columns)
    if not known or not allows(ctx.actor, Permission.personal_reveal):
        return
    seen = st.session_state.pop(_SEEN_REFUSED, None)
    if seen is not None:
        (file, line), values = seen
        caption = t("Personal values of line {line} of {file}", line=line, file=file)
        _show_values(t, caption, values)
    sources = personal_refused.refused_files(ctx.workspace, model, actor=ctx.actor)
    if not sources:
        return
    with (
        st.expander(
            plain(t("Reveal the values of one refused row")), key=f"reveal_refused_open_{model}"
        ),
        st.form(f"reveal_refused_{model}", border=False, clear_on_submit=True),
    ):
        source = st.selectbox(
            t("File"),
            sources,
            format_func=lambda each: t("{file}, batch {batch}", file=each[1], batch=each[0]),
            key=f"reveal_refused_file_{model}",
        )
        line = st.number_input(
            t("Line, as the download has it"),
            min_value=1,
            step=1,
            value=None,
            key=f"reveal_refused_line_{model}",
        )
        columns = st.multiselect(
            t("Columns to reveal"),
            known,
            placeholder=t("Choose columns"),
            key=f"reveal_refused_columns_{model}",
        )
        reason = st.text_input(
            t("Reason, which names no person"), key=f"reveal_refused_reason_{model}", max_chars=1000
        )
        note(t("A line that could not be read column by column is revealed as a whole."))
        pressed = st.form_submit_button(plain(t("Reveal")), key=f"reveal_refused_press_{model}")
    if pressed and line is not None and columns:
        place = (source[1], int(line))

        def reveal(actor: Actor) -> None:
            values = personal_refused.reveal_refused(
                ctx.workspace, model, source[0], place, columns, reason=reason, actor=actor
            )
            st.session_state[_SEEN_REFUSED] = (place, dict(values))

        attempt_and_rerun(ctx, reveal)


def _show_values(t: Translator, caption: str, values: Mapping[str, object]) -> None:
    """Show what was just revealed, once: the next run of the page has forgotten it."""
    rows = [
        {
            "column": t("The whole line") if name == personal_refused.WHOLE_LINE else name,
            "value": "–" if value is None else str(value),
        }
        for name, value in values.items()
    ]
    columns = [Column("column", t("Column")), Column("value", t("Value"))]
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
    note(t("These values are gone at the next step on this page."))
