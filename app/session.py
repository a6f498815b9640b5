"""Who is signed in here: from this tab's state, else from the session cookie."""

from collections.abc import MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import scripts
from app.session_store import SessionStore, session_store
from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Actor
from core.errors import HarbourlightError
from core.services import users

if TYPE_CHECKING:
    from core.services.workspace import Workspace

COOKIE = "harbourlight_session"
_HANDLE, _TICKET, _LEAVING = "_hl_session", "_hl_ticket", "_hl_leaving"


@cache
def workspace() -> "Workspace":
    """Return the one open workspace of this process."""
    return open_workspace(load_settings())


def current_actor(opened: "Workspace") -> Actor | None:
    """Return who is signed in, read afresh so that a change of roles counts at once."""
    store, state = session_store(), st.session_state
    record = store.touch(str(state.get(_HANDLE, "")))
    if record is None and not state.get(_LEAVING):
        cookie = st.context.cookies.get(COOKIE)
        record = store.find(cookie) if isinstance(cookie, str) else None
    if record is None:
        state.pop(_HANDLE, None)
        return None
    try:
        actor = users.actor_for(opened, record.user_id)
    except HarbourlightError:
        store.end(record.handle)
        state.pop(_HANDLE, None)
        return None
    state[_HANDLE] = record.handle
    return actor


def sign_in(actor: Actor, store: SessionStore | None = None) -> None:
    """Begin a session for an authenticated actor; the next run hands out its cookie."""
    record, ticket = (store or session_store()).open(actor.user_id)
    state: MutableMapping[str, Any] = st.session_state  # type: ignore[assignment]
    state[_HANDLE], state[_TICKET], state[_LEAVING] = record.handle, ticket, False


def sign_out() -> None:
    """End this session in every tab; used as a button's callback."""
    session_store().end(str(st.session_state.get(_HANDLE, "")))
    for key in list(st.session_state):
        del st.session_state[key]
    st.session_state[_LEAVING] = True


def exchange_cookies() -> None:
    """Emit what the browser needs after a sign-in or sign-out; call it on every run.

    Under plain ``streamlit run`` there is no route that answers: the session then lasts as long
    as the tab.
    """
    ticket = st.session_state.pop(_TICKET, None)
    if ticket:
        scripts.redeem_ticket(ticket)
    elif st.session_state.get(_LEAVING):
        scripts.forget_cookie()
