"""In which language something is told or written, each language by its own name."""

import streamlit as st

from app.components.text import plain
from core.i18n import LOCALES, Translator
from core.i18n.locales import native_name


def choose_language(t: Translator, label: str, key: str) -> str:
    """Let the reader choose one of the three languages, at first their own.

    Parameters
    ----------
    t : Translator
        The reader's language. Another one makes another widget, which begins with it.
    label : str
        What is in the language; translated.
    key : str
        Of the widget; unique on the page.
    """
    chosen = st.segmented_control(
        plain(label),
        LOCALES,
        default=t.locale,
        format_func=native_name,
        key=f"{key}_{t.locale}",
        required=True,
    )
    return str(chosen)
