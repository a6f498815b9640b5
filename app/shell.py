"""One run of the app: language, look, who is signed in, menu, filters, page."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import nav, scripts, session, signin, theme
from app.banner import account_banner, demo_banner
from app.bell import bell
from app.carriers import carry_parameters, current_filters, unknown_model
from app.chips import show_chips
from app.choices import model_choices
from app.components import (
    empty,
    failed,
    forbidden,
    no_model,
    page_header,
    plain,
    signed_out,
    states,
)
from app.components.step_up import ask_again
from app.context import PageContext, page_context, set_page_context
from app.duties import has_duty, show_duty
from app.filters import DEFAULT_TIMEZONE
from app.language import current_locale, language_switch, take_own
from app.marks import wordmark
from app.recency import show_recency, watch_for_new_data
from app.screens.people import why
from app.turns import turn
from app.views import log_page
from app.words import ROLE_NAMES
from core.domain.identity import Actor
from core.errors import Forbidden, HarbourlightError, NothingYet, SignedOut, StepUpNeeded
from core.i18n import Translator, translator
from core.services.identity import account_changes
from core.unforeseen import account_of

if TYPE_CHECKING:
    from core.services.workspace import Workspace

ACCOUNT = "account"
_LOG = logging.getLogger(__name__)


def run() -> None:
    """Show the page that the address asks for, to the person who is signed in."""
    with turn():
        _run()


def _run() -> None:
    st.set_page_config(
        page_title="Harbourlight", page_icon=str(theme.STATIC / "favicon.png"), layout="wide"
    )
    unseen = st.container(key="hl_unseen")
    with unseen:
        carry_parameters()
        locale = current_locale()
        theme.apply(theme.current_palette(), locale)
        scripts.set_language(locale)
        scripts.listen_for_pictures()
    t = translator(locale)
    try:
        opened = session.workspace()
        actor = session.current_actor(opened)
        told = account_changes.told(opened, actor=actor) if actor is not None else ()
    except SignedOut:
        st.rerun()
    except HarbourlightError as error:
        failed(t, error)
        return
    if actor is not None and take_own(opened, actor):
        st.rerun()
    with unseen:
        session.exchange_cookies()
    demo_banner(t, opened)
    account_banner(t, told)
    if actor is None:
        _signed_out(t, opened)
    elif has_duty(actor):
        _on_duty(t, opened, actor)
    else:
        _signed_in(t, opened, actor)


def show_error(t: Translator, error: Exception) -> None:
    """Turn an error into the state that a reader can act on; the unforeseen goes to the log."""
    if isinstance(error, SignedOut):
        signed_out(t)
    elif isinstance(error, StepUpNeeded):
        failed(t, error)
    elif isinstance(error, Forbidden):
        forbidden(t)
    elif isinstance(error, NothingYet):
        empty(t(error.template, **error.params), t(error.remedy, **error.params))
    elif isinstance(error, HarbourlightError):
        failed(t, error)
    else:
        incident = secrets.token_hex(4)
        _LOG.error("incident %s: %s", incident, account_of(error))
        failed(t, error, incident)


def on_script_error(error: Exception) -> bool:
    """Show errors of callbacks and fragments, which never pass through :func:`run`."""
    show_error(translator(current_locale()), error)
    return True


def _on_duty(t: Translator, opened: "Workspace", actor: Actor) -> None:
    """Show what has to be set up first, whatever the address asks for."""
    context = PageContext(
        opened, actor, t, current_filters(()), (), theme.current_palette(), {}, st.container()
    )

    def duty() -> None:
        show_duty(context)

    pages = nav.streamlit_pages(t, None, duty)
    chosen = st.navigation(
        list(pages.values()) or [st.Page(duty, title="Harbourlight")], position="hidden"
    )
    with context.header:
        _masthead(t, opened, actor, {}, "")
    try:
        chosen.run()
    except SignedOut:
        st.rerun()
    ask_again(context)


def _signed_out(t: Translator, opened: "Workspace") -> None:
    def sign_in() -> None:
        signin.show_sign_in(t, opened)

    pages = nav.streamlit_pages(t, None, sign_in)
    chosen = st.navigation(
        list(pages.values()) or [st.Page(sign_in, title="Harbourlight")], position="hidden"
    )
    chosen.run()


def _signed_in(t: Translator, opened: "Workspace", actor: Actor) -> None:
    pages = nav.streamlit_pages(t, actor, lambda: why.refused_page(page_context(), here))
    allowed = {each.key: pages[each.key] for each in nav.visible_entries(actor)}
    if not allowed:
        forbidden(t)
        return
    chosen = st.navigation(list(pages.values()), position="hidden")
    here = nav.entry_of(chosen, pages, actor)
    models = model_choices(opened, actor, t.locale)
    filters = current_filters(models)
    if "model" not in here.chips:  # what belongs to no model is told in the house's own time
        filters = replace(filters, timezone=DEFAULT_TIMEZONE)
    _masthead(t, opened, actor, allowed, here.key)
    header = st.container()
    if here.key in allowed:
        show_chips(t, filters, models, here.chips)
    context = PageContext(
        opened, actor, t, filters, models, theme.current_palette(), allowed, header, here.permission
    )
    set_page_context(context)
    try:
        if here.key in allowed:
            log_page(context, here.key, here.chips)
        if here.key in allowed and here.chips and not models:
            page_header(context, t(here.title), dated=False)
            no_model(t)
        else:
            if here.key in allowed and here.chips:
                _how_it_stands(context)
            chosen.run()
    except SignedOut:
        st.rerun()
    except Exception as error:
        show_error(t, error)
    ask_again(context)


def _how_it_stands(ctx: PageContext) -> None:
    """Say whether the figures are those that the address asks for, and how recent they are."""
    asked = unknown_model(ctx.models)
    if asked and ctx.model is not None:
        states.unknown_model(ctx.t, asked, ctx.model.name)
    show_recency(ctx)
    watch_for_new_data(ctx)


def _masthead(
    t: Translator, opened: "Workspace", actor: Actor, pages: Mapping[str, Any], here: str
) -> None:
    with st.container(horizontal=True, key="hl_masthead", vertical_alignment="center"):
        st.html(wordmark(), width="content")
        with st.container(horizontal=True, key="hl_navigation", width="content"):
            for key, page in pages.items():
                # The account is under the reader's own name.
                if key == ACCOUNT or _in_menu(key) != key:
                    continue
                is_here = key == _in_menu(here)
                name = f"hl_here_{key}" if is_here else f"hl_to_{key}"
                with st.container(key=name, width="content"):
                    st.page_link(page, label=t(_title(key)))
        bell(t, opened, actor, pages)
        with st.container(key="hl_account", width="content"):
            _account(t, actor, pages.get(ACCOUNT))


def _in_menu(key: str) -> str:
    return next((each.in_menu for each in nav.ENTRIES if each.key == key), key)


def _title(key: str) -> str:
    return next(each.title for each in nav.ENTRIES if each.key == key)


def _account(t: Translator, actor: Actor, page: Any) -> None:
    name = actor.display_name or actor.username
    with st.popover(plain(name), key="hl_account_menu"):
        st.caption(plain(t.items(*(t(ROLE_NAMES[role]) for role in sorted(actor.roles)))))
        language_switch(t)
        if page is not None:
            st.page_link(page, label=t(_title(ACCOUNT)))
        st.button(t("Sign out"), key="hl_sign_out", on_click=session.sign_out)
