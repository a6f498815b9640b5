"""The foot of a page: what the words mean, where the figures come from, link and export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from app.components.decisions_link import show_decisions_link
from app.components.saved_views import show_saved_views
from app.components.text import escape
from app.context import PageContext


@dataclass(frozen=True, slots=True)
class Definition:
    """A measure or word of the page: what it is, how it is computed, where that is from."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Export:
    """A file that the reader may take away, served by the audited export route."""

    label: str
    url: str


def footer(
    ctx: PageContext,
    *,
    definitions: Sequence[Definition] = (),
    sources: Sequence[str] = (),
    exports: Sequence[Export] = (),
    also: Mapping[str, str] | None = None,
    decisions: bool = False,
) -> None:
    """Close the page.

    Parameters
    ----------
    ctx : PageContext
        The page's context.
    definitions : sequence of Definition
        Every measure that the page shows.
    sources : sequence of str
        The batches that the figures come from, such as ids with row counts.
    exports : sequence of Export
        Files to take away.
    also : mapping of str to str, optional
        Parameters of this page that the link names beside the filters; no personal value.
    decisions : bool
        Whether the page's figures are made of decisions, to which it leads who may open them.
    """
    t = ctx.t
    with st.container(key="hl_footer"):
        if decisions:
            show_decisions_link(ctx)
        if definitions:
            with st.expander(t("Definitions")):
                items = "".join(
                    f"<dt>{escape(each.term)}</dt><dd>{escape(each.text)}</dd>"
                    for each in definitions
                )
                st.html(f'<dl class="hl-definitions">{items}</dl>')
        with st.expander(t("Link to this view")):
            query = "&".join(filter(None, (ctx.filters.query(), urlencode(also or {}))))
            st.code(view_link(str(st.context.url or ""), query), language=None)
        show_saved_views(ctx)
        parts = [escape(t("Source: {source}", source=source)) for source in sources]
        parts.append(escape(t("Signed in as {name}", name=ctx.actor.username)))
        parts += [
            f'<a class="hl-export" href="{escape(each.url)}" download>{escape(each.label)}</a>'
            for each in exports
        ]
        st.html(f'<div class="hl-footline">{" · ".join(parts)}</div>')


def view_link(url: str, query: str) -> str:
    """Return the page's address with the filters that reproduce the view."""
    scheme, host, path, _, _ = urlsplit(url)
    return urlunsplit((scheme, host, path, query, ""))
