"""The hidden inputs that carry the filters in the URL; see ``app.filters`` for why."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from app.filters import PARAMETERS, Filters, ModelChoice, resolve

_PAGE = "_hl_page"


def carry_parameters() -> None:
    """Bind the URL's parameters to this session; call it in the entrypoint, unseen."""
    _follow_links()
    for name in PARAMETERS:
        st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")


def raw_parameters() -> dict[str, str]:
    """Return the parameters as they stand, unchecked."""
    return {name: str(st.session_state.get(name) or "") for name in PARAMETERS}


def unknown_model(models: Sequence[ModelChoice]) -> str:
    """Return the model that the URL names if the actor has it not; else nothing."""
    asked = raw_parameters()["model"]
    return "" if asked in {each.id for each in models} else asked


def current_filters(models: Sequence[ModelChoice]) -> Filters:
    """Return what the URL asks for, checked against what the actor may choose."""
    return resolve(raw_parameters(), models)


def _follow_links() -> None:
    """Take over what a link to another page says: Streamlit binds only new inputs to the URL."""
    page = urlsplit(str(st.context.url or "")).path
    before = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    if before in (None, page):
        return
    for name in PARAMETERS:
        written = st.query_params.get(name)
        if written is not None:
            st.session_state[name] = written
