"""Status as shape, word and colour together; never colour alone."""

from collections.abc import Mapping

import streamlit as st

from app.components.text import escape
from app.marks import GLYPHS
from core.domain.status import Status
from core.i18n import N_, Translator

STATUS_WORDS: Mapping[Status, str] = {
    Status.in_range: N_("In range"),
    Status.watch: N_("Watch"),
    Status.act: N_("Act"),
    Status.not_enough_data: N_("Not enough data"),
}


def status_badge(t: Translator, status: Status, word: str = "") -> str:
    """Return the status as HTML: a coloured shape with an ink outline, the word in ink.

    ``word`` stands in the place of the status's own, translated.
    """
    shown = escape(word or t(STATUS_WORDS[status]))
    return f'<span class="hl-status"><i class="hl-shape-{status}"></i><span>{shown}</span></span>'


def status_text(t: Translator, status: Status) -> str:
    """Return the status as text for tables: its glyph and its word."""
    return f"{GLYPHS[status]} {t(STATUS_WORDS[status])}"


def show_status(t: Translator, status: Status) -> None:
    """Show a status on its own."""
    st.html(status_badge(t, status))
