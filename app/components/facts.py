"""Facts about one thing: pairs of a name and a text, and how its sides stand."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.cards import Layer
from app.components.status import status_badge
from app.components.text import escape
from app.marks import data_address, sparkline
from app.palette import Palette
from core.i18n import Translator


def facts(found: Mapping[str, str], *, even: bool = False) -> None:
    """Show names and texts, as many beside each other as there is room for.

    Parameters
    ----------
    found : mapping of str to str
        Name to text, in the order of display.
    even : bool
        Give the first no more room than the others.
    """
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in found.items()
    )
    kind = " hl-even" if even else ""
    st.html(f'<dl class="hl-facts hl-model-facts{kind}">{items}</dl>')


def layer_line(t: Translator, layer: Layer) -> None:
    """Show how one side of a model stands, and why."""
    st.html(
        f'<div class="hl-model-layer"><h3>{escape(layer.label)}</h3>'
        f"<p>{status_badge(t, layer.status)} {escape(layer.reason)}</p></div>"
    )


def told_line(
    t: Translator,
    palette: Palette,
    layer: Layer,
    *,
    course: Sequence[float] = (),
    label: str = "",
    judged: bool = True,
) -> None:
    """Show one fact and how it stands, with a small line of how it came there.

    Parameters
    ----------
    t, palette
        The reader's language and colours.
    layer : Layer
        Name, status and figure.
    course : sequence of float
        What was found before, the oldest first; drawn from two figures on.
    label : str
        Accessible name of the line.
    judged : bool
        Whether there is a threshold to stand well or ill against; without one no status is shown.
    """
    badge = f"{status_badge(t, layer.status)} " if judged else ""
    line = ""
    if len(course) > 1:
        drawing = data_address(sparkline(course, palette, width=96, height=26))
        line = f'<img class="hl-told-course" src="{drawing}" alt="{escape(label)}">'
    st.html(
        f'<div class="hl-told">{badge}<strong>{escape(layer.label)}'
        f'</strong> <span class="hl-told-why">{escape(layer.reason)}</span> {line}</div>'
    )
