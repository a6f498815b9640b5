"""Puts on record what an examiner opens: once for each view, before it is shown.

Streamlit runs a page again at each press of a button. A view is a page with what was chosen on it;
the same view run again is none anew.
"""

import streamlit as st

from app.context import PageContext
from core.services.examiner import views
from core.services.examiner.views import View

_PAGE, _DECISION = "_hl_viewed_page", "_hl_viewed_decision"
_NUMBERS = ("case", "request")
_LONGEST_NUMBER = 15


def log_page(ctx: PageContext, page: str, chips: tuple[str, ...]) -> None:
    """Put the page of this run on record, if an examiner opens it anew; the shell calls it."""
    if not views.is_watched(ctx.actor):
        return
    model = ctx.filters.model if "model" in chips else None
    view = View(page, model, objects=_numbers(), filters=_chosen(ctx, chips))
    if st.session_state.get(_PAGE) == view:
        return
    views.note_view(ctx.workspace, view, actor=ctx.actor)
    st.session_state[_PAGE] = view
    st.session_state.pop(_DECISION, None)


def log_decision(ctx: PageContext, page: str, model: str, prediction: str) -> None:
    """Put a decision on record that an examiner asks for on a page, before it is shown."""
    if not views.is_watched(ctx.actor) or st.session_state.get(_DECISION) == (model, prediction):
        return
    views.note_view(ctx.workspace, View(page, model, prediction), actor=ctx.actor)
    st.session_state[_DECISION] = (model, prediction)


def _chosen(ctx: PageContext, chips: tuple[str, ...]) -> dict[str, str]:
    """Return what was chosen on a page that offers it: checked, and no values of a segment."""
    filters = ctx.filters
    found: dict[str, object] = {
        "version": filters.version if "version" in chips else None,
        "slice": filters.slice if "slice" in chips else None,
        "first": filters.first if "period" in chips else None,
        "last": filters.last if "period" in chips else None,
        "as_of": filters.as_of if "as_of" in chips else None,
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _numbers() -> dict[str, str]:
    """Return the cases and requests that the address names, if these are numbers."""
    named = {name: str(st.query_params.get(name) or "").strip() for name in _NUMBERS}
    return {
        name: text
        for name, text in named.items()
        if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    }
