"""Facts about one thing: pairs of a name and a text, and how its sides stand."""

from collections.abc import Mapping

import streamlit as st

from app.components.cards import Layer
from app.components.status import status_badge
from app.components.text import escape
from core.i18n import Translator


def facts(found: Mapping[str, str]) -> None:
    """Show names and texts, as many beside each other as there is room for."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in found.items()
    )
    st.html(f'<dl class="hl-facts hl-model-facts">{items}</dl>')


def layer_line(t: Translator, layer: Layer) -> None:
    """Show how one side of a model stands, and why."""
    st.html(
        f'<div class="hl-model-layer"><h3>{escape(layer.label)}</h3>'
        f"<p>{status_badge(t, layer.status)} {escape(layer.reason)}</p></div>"
    )
