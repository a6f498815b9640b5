"""The top of a page: its title, and the sentence that says what it shows today."""

from datetime import datetime

import streamlit as st

from app.components.status import status_badge
from app.components.text import escape
from app.context import PageContext, remember_as_of
from core.domain.status import Status


def page_header(
    ctx: PageContext, title: str, *, as_of: datetime | None = None, dated: bool = True
) -> None:
    """Write the page's only ``h1`` above the filter chips.

    Parameters
    ----------
    ctx : PageContext
        The page's context.
    title : str
        In plain words, translated.
    as_of : datetime, optional
        The moment that the figures stand for; default: the model's newest record.
    dated : bool
        Whether the page's figures stand for a moment at all.
    """
    model = ctx.model
    at = as_of or (model.newest if model else None)
    note, moment, day = "", "", ctx.filters.as_of
    if dated and at is not None:
        late = as_of is None and day is not None
        moment = ctx.t.date(day) if late else ctx.t.instant(at, ctx.filters.timezone)
        note = f'<span class="hl-asof">{escape(ctx.t("as of {moment}", moment=moment))}</span>'
    remember_as_of(moment)
    with ctx.header:
        st.html(f'<div class="hl-header"><h1>{escape(title)}</h1>{note}</div>')


def sentence(ctx: PageContext, text: str, status: Status | None = None, word: str = "") -> None:
    """Say in one or two sentences what the page shows; everything below is its evidence.

    ``word`` stands beside the status's shape in the place of its own, translated.
    """
    badge = f"{status_badge(ctx.t, status, word)}<br>" if status else ""
    st.html(f'<div class="hl-sentence">{badge}{escape(text)}</div>')


def subsection(title: str) -> None:
    """Name one of several things side by side within a part of the page."""
    st.html(f'<div class="hl-subsection"><h3>{escape(title)}</h3></div>')


def section(title: str, explanation: str = "") -> None:
    """Begin a part of the page."""
    below = f"<p>{escape(explanation)}</p>" if explanation else ""
    st.html(f'<div class="hl-section"><h2>{escape(title)}</h2>{below}</div>')
