"""A sheet of facts to read from top to bottom: anchored parts, names beside texts, tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.status import status_badge
from app.components.text import escape
from core.domain.status import Status
from core.i18n import Translator


@dataclass(frozen=True, slots=True)
class Anchor:
    """A part of a sheet: its key in the address, its name, and how it stands."""

    key: str
    name: str
    status: Status | None = None


def contents(t: Translator, label: str, anchors: Sequence[Anchor]) -> None:
    """Show the parts of a sheet as links to them; ``label`` is what the list is called."""
    items = "".join(
        f'<li><a href="#{_id(each.key)}" target="_self">{escape(each.name)}</a>'
        f"{_badge(t, each.status)}</li>"
        for each in anchors
    )
    st.html(f'<nav class="hl-contents" aria-label="{escape(label)}"><ul>{items}</ul></nav>')


def part(t: Translator, anchor: Anchor, notes: Sequence[str] = ()) -> None:
    """Begin a part of a sheet, with what is to be said of it as a whole."""
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    st.html(
        f'<div class="hl-section" id="{_id(anchor.key)}"><h2>{escape(anchor.name)}</h2>'
        f"{_badge(t, anchor.status)}{below}</div>"
    )


def named_texts(rows: Sequence[tuple[str, str, bool]], source: str = "") -> None:
    """Show names and texts below each other; those that are not known are quieter.

    Parameters
    ----------
    rows : sequence of (str, str, bool)
        Name, text, and whether it is known.
    source : str
        Where they are from, if it is to be said.
    """
    items = "".join(
        f"<dt>{escape(name)}</dt><dd{'' if known else ' class=hl-unknown'}>{escape(text)}</dd>"
        for name, text, known in rows
    )
    below = f'<p class="hl-note">{escape(source)}</p>' if source else ""
    st.html(f'<dl class="hl-sheet">{items}</dl>{below}')


def rows_table(
    t: Translator,
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    levels: Sequence[Status] = (),
) -> None:
    """Show a table of texts to read; where rows are judged, the last text stands with its shape."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f"<tr>{_cells(t, row, levels[place] if levels else None)}</tr>"
        for place, row in enumerate(rows)
    )
    st.html(
        f'<div class="hl-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="hl-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def anchor(key: str) -> None:
    """Mark where a part begins that writes its heading itself."""
    st.html(f'<span id="{_id(key)}"></span>')


def _cells(t: Translator, row: Sequence[str], level: Status | None) -> str:
    *texts, last = row
    cells = "".join(f"<td>{escape(each)}</td>" for each in texts)
    judged = level not in {None, Status.not_enough_data}
    shown = status_badge(t, level, last) if judged and level else escape(last)
    return f"{cells}<td>{shown}</td>"


def _badge(t: Translator, status: Status | None) -> str:
    return f" {status_badge(t, status)}" if status is not None else ""


def _id(key: str) -> str:
    """Return an id that is no name of the browser's own."""
    return escape(f"sheet-{key}")
