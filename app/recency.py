"""Whether what the page shows is still the newest: old records, and rows that came since."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from app.components import new_data, stale
from app.context import PageContext
from core.errors import SignedOut
from core.services import outline
from core.services.demo import build as demo

OLD = timedelta(hours=72)
_LOOK_EVERY_S = 30.0


def show_recency(ctx: PageContext, now: datetime | None = None) -> None:
    """Say that the newest record is old; the demo's data are old by nature and say so elsewhere.

    Parameters
    ----------
    ctx : PageContext
        The page's context.
    now : datetime, optional
        The instant now, in UTC; the real one by default.
    """
    model = ctx.model
    if model is None or model.newest is None or demo.is_demo(ctx.workspace):
        return
    age = (now or datetime.now(UTC)) - model.newest
    if age > OLD:
        stale(ctx.t, ctx.t.duration(age))


@st.fragment(run_every=_LOOK_EVERY_S)
def watch_for_new_data(ctx: PageContext) -> None:
    """Offer to draw the page anew once a batch was published after it was drawn."""
    model = ctx.model
    if model is None:
        return
    try:
        newest = outline.newest_generation(ctx.workspace, model.id, actor=ctx.actor)
    except SignedOut:
        st.rerun()
    if newest > model.generation:
        new_data(ctx.t)
        if st.button(ctx.t("Show the newest data"), key="hl_show_newest"):
            st.rerun()
