"""Saved views at the foot of a page: its filters under a name, one click away."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from app.components.text import error_text, escape, plain
from app.context import PageContext
from core.errors import HarbourlightError, SignedOut
from core.services.saved_views import LONGEST_NAME, list_views, remove_view, save_view
from core.store.saved_views import SavedView

_REFUSED = "_hl_view_refused"


def show_saved_views(ctx: PageContext) -> None:
    """Show the reader's own views and let the present one be saved; read only when opened."""
    t = ctx.t
    place = st.expander(t("Saved views"), key="hl_saved_views", on_change="rerun")
    if not place.open:
        return
    with place:
        for view in list_views(ctx.workspace, actor=ctx.actor):
            _show(ctx, view)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                t("Name of this view"), max_chars=LONGEST_NAME, key="hl_view_name", width=280
            )
            st.button(plain(t("Save this view")), key="hl_view_save", on_click=_save, args=(ctx,))
        if refused := st.session_state.pop(_REFUSED, ""):
            st.html(f'<p class="hl-note" role="alert">{escape(refused)}</p>')


def _show(ctx: PageContext, view: SavedView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"hl_view_{view.id}"):
        address = view_address(str(st.context.url or ""), view)
        st.html(f'<a class="hl-export" href="{escape(address)}">{escape(view.name)}</a>')
        st.button(
            plain(ctx.t("Remove")), key=f"hl_view_remove_{view.id}", on_click=_remove,
            args=(ctx, view.id),
        )  # fmt: skip


def view_address(url: str, view: SavedView) -> str:
    """Return the address of a saved view beside that of the page shown now."""
    scheme, host, path, _, _ = urlsplit(url)
    base = path.rsplit("/", 1)[0]
    return urlunsplit((scheme, host, f"{base}/{view.page}", urlencode(dict(view.parameters)), ""))


def _save(ctx: PageContext) -> None:
    page = urlsplit(str(st.context.url or "")).path.rsplit("/", 1)[-1]
    name = str(st.session_state.get("hl_view_name") or "")
    _do(
        ctx,
        lambda: save_view(
            ctx.workspace,
            actor=ctx.actor,
            page=page,
            name=name,
            parameters=ctx.filters.parameters,
        ),
    )


def _remove(ctx: PageContext, view_id: str) -> None:
    _do(ctx, lambda: remove_view(ctx.workspace, view_id, actor=ctx.actor))


def _do(ctx: PageContext, action: Callable[[], object]) -> None:
    """Do it, or keep for the next run why it was refused."""
    try:
        action()
    except SignedOut:
        raise
    except HarbourlightError as error:
        st.session_state[_REFUSED] = error_text(ctx.t, error)
