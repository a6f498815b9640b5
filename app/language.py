"""Which language this reader sees: the address says, else the browser."""

import streamlit as st

from core.i18n import LOCALES, Locale, Translator, negotiate
from core.i18n.locales import NATIVE_NAMES

_CONTROL = "hl_choose_language"


def current_locale() -> Locale:
    """Return the language of ``?lang=``, or the one that the browser asks for."""
    asked = st.session_state.get("lang")
    chosen = next((locale for locale in LOCALES if locale == asked), None)
    browser = st.context.locale
    return chosen or negotiate(browser if isinstance(browser, str) else None)


def language_switch(t: Translator) -> None:
    """Offer the three languages, each by its own name."""
    st.session_state[_CONTROL] = t.locale
    st.segmented_control(
        t("Language"),
        LOCALES,
        format_func=lambda locale: NATIVE_NAMES[locale],
        key=_CONTROL,
        on_change=_choose,
        required=True,
        label_visibility="collapsed",
    )


def _choose() -> None:
    st.session_state["lang"] = st.session_state[_CONTROL]
