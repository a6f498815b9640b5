"""Taking the final verdicts of a model away as labelled data."""

import streamlit as st

from app.components import download_link, note, section
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import NothingYet
from core.i18n import N_
from core.services.review.override_export import export_verdicts

_NOTHING = N_("No verdict is final yet.")


def show_verdict_export(ctx: PageContext, model: str) -> None:
    """Let whoever may export prepare the file, and then take it; others see nothing of it."""
    if not allows(ctx.actor, Permission.review_export):
        return
    t, key = ctx.t, f"_hl_verdicts_{model}"
    section(
        t("Verdicts as labelled data"),
        t("What people decided beside what the model decided, with the features; for retraining."),
    )
    st.button(
        plain(t("Prepare the verdicts for download")),
        key="verdicts_prepare",
        on_click=_prepare,
        args=(ctx, model, key),
    )
    if key not in st.session_state:
        return
    url, count, overturned = st.session_state[key]
    if url is None:
        note(t(_NOTHING))
        return
    label = t(
        "Download the verdicts: {n}, {overturned} of them overturned (CSV)",
        n=count,
        overturned=overturned,
    )
    download_link(t, url, label)


def _prepare(ctx: PageContext, model: str, key: str) -> None:
    try:
        found = export_verdicts(ctx.workspace, model, actor=ctx.actor)
    except NothingYet:
        st.session_state[key] = None, 0, 0
        return
    st.session_state[key] = found.made.url, found.rows, found.overturned
