"""Which language this reader sees: the address says, else the account, else the browser."""

from typing import TYPE_CHECKING

import streamlit as st

from core.domain.identity import Actor
from core.i18n import LOCALES, Locale, Translator, negotiate
from core.i18n.locales import native_name
from core.services.identity import accounts

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_CONTROL, _OWN = "hl_choose_language", "_hl_language"


def current_locale() -> Locale:
    """Return the language of ``?lang=``, of the reader's account, or of the browser."""
    asked = (st.session_state.get("lang"), st.session_state.get(_OWN))
    chosen = next((locale for each in asked for locale in LOCALES if locale == each), None)
    browser = st.context.locale
    return chosen or negotiate(browser if isinstance(browser, str) else None)


def take_own(workspace: "Workspace", actor: Actor) -> bool:
    """Take over the language of the reader's account, once; return whether the page changes."""
    if _OWN in st.session_state:
        return False
    before = current_locale()
    st.session_state[_OWN] = accounts.own_language(workspace, actor=actor)
    return current_locale() != before


def language_switch(t: Translator) -> None:
    """Offer the three languages, each by its own name."""
    st.session_state[_CONTROL] = t.locale
    st.segmented_control(
        t("Language"),
        LOCALES,
        format_func=native_name,
        key=_CONTROL,
        on_change=_choose,
        required=True,
        label_visibility="collapsed",
    )


def _choose() -> None:
    st.session_state["lang"] = st.session_state[_CONTROL]
