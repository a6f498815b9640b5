"""The product's look, injected once per run: palette variables and the style sheets."""

from functools import cache
from pathlib import Path

import streamlit as st

from app.marks import data_address, lamp, status_shape
from app.palette import FONT_STACK, Palette, palette
from core.domain.status import Status
from core.i18n import Locale, translator

STATIC = Path(__file__).parent / "static"
SHEETS = ("theme.css", "narrow.css")  # in this order


def current_palette() -> Palette:
    """Return the palette of the theme that the reader's browser shows now."""
    return palette(st.context.theme.type)


def apply(colours: Palette, locale: Locale) -> None:
    """Add the product's style to the page; call it once, at the top of the entrypoint."""
    st.html(f"<style>{variables(colours, locale)}\n{_sheet()}</style>")


def variables(colours: Palette, locale: Locale) -> str:
    """Return the CSS custom properties of a palette and the language's font stack."""
    named = {
        "paper": colours.paper,
        "card": colours.card,
        "raised": colours.raised,
        "ink": colours.ink,
        "muted": colours.muted,
        "line": colours.line,
        "accent": colours.accent,
        "on-accent": colours.on_accent,
        "current": colours.current,
        "reference": colours.reference,
        "beam": f"{colours.accent}12",
    }
    # Streamlit's uploader knows English only; the style sheet puts this in its button.
    t = translator(locale)
    named["choose-file"] = f'"{t("Choose a file")}"'
    lines = "".join(f"--hl-{name}:{value};" for name, value in named.items())
    fonts = FONT_STACK[locale]
    text = "button,input,textarea,select,p,h1,h2,h3,h4,label,li,td,th,dt,dd"
    return f":root{{{lines}}}\n.stApp,.stApp :is({text}){{font-family:{fonts}}}\n{_marks(colours)}"


def _marks(colours: Palette) -> str:
    drawings = {f"shape-{status}": status_shape(status, colours) for status in Status}
    drawings["lamp"] = lamp(colours)
    return "".join(
        f".hl-{name}{{background-image:url('{data_address(drawing)}')}}"
        for name, drawing in drawings.items()
    )


@cache
def _sheet() -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in SHEETS)
