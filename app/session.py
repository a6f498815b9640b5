"""Who is signed in here: from this tab's state, else from the session cookie.

The session itself lives in the state database; a tab remembers which one is its own.
"""

from collections.abc import Collection, MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import scripts, single_sign_on
from app.filters import PARAMETERS
from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Actor
from core.services.identity import sessions
from core.services.identity.sign_in import SignIn

if TYPE_CHECKING:
    from core.services.workspace import Workspace

COOKIE = "harbourlight_session"
_SESSION, _TICKET, _LEAVING = "_hl_session", "_hl_ticket", "_hl_leaving"
_PENDING = "_hl_pending"
_UNKNOWN_SOURCE = "127.0.0.1"  # Streamlit gives no address for the machine itself


@cache
def workspace() -> "Workspace":
    """Return the one open workspace of this process."""
    return open_workspace(load_settings())


def current_actor(opened: "Workspace") -> Actor | None:
    """Return who is signed in, read afresh so that a change of roles counts at once."""
    state = st.session_state
    known = str(state.get(_SESSION, ""))
    actor = sessions.resume(opened, known) if known else None
    if actor is None and not state.get(_LEAVING):
        cookie = st.context.cookies.get(COOKIE)
        actor = sessions.from_cookie(opened, cookie) if isinstance(cookie, str) else None
    if actor is None:
        if known:
            _forget(but=PARAMETERS)
        return None
    state[_SESSION] = actor.session_id
    return actor


def enter(signed: SignIn) -> None:
    """Take a sign-in as this tab's own; the next run hands out its cookie."""
    state: MutableMapping[str, Any] = st.session_state  # type: ignore[assignment]
    if signed.needs_second_factor:
        state[_PENDING] = signed.session_id
        return
    state.pop(_PENDING, None)
    state[_SESSION], state[_TICKET], state[_LEAVING] = signed.session_id, signed.ticket, False


def pending() -> str:
    """Return the session that waits for its second factor in this tab; empty if none does."""
    return str(st.session_state.get(_PENDING, ""))


def give_up() -> None:
    """Begin the sign-in anew; used as a button's callback."""
    st.session_state.pop(_PENDING, None)
    st.session_state.pop("authentication_status", None)  # the library shows its form again


def sign_out() -> None:
    """End this session in every tab; used as a button's callback."""
    known = str(st.session_state.get(_SESSION, ""))
    _forget()
    st.session_state[_LEAVING] = True
    if known:
        sessions.end(workspace(), known)
    single_sign_on.forget()


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


def source() -> str:
    """Return the address that an attempt to sign in comes from, as the server sees it."""
    address = st.context.ip_address
    return address if isinstance(address, str) else _UNKNOWN_SOURCE


def agent() -> str:
    """Return what the browser calls itself."""
    found = st.context.headers.get("User-Agent")
    return found if isinstance(found, str) else ""


def _forget(but: Collection[str] = ()) -> None:
    """Leave nothing in the tab of what the person before saw or chose."""
    for key in list(st.session_state):
        if key not in but:
            del st.session_state[key]
