"""A place for what came of an act: announced to screen readers, and there long enough to read."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import streamlit as st

from app.components.text import escape

STAYS = timedelta(seconds=12)
_SAID = "_hl_said"


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    failed: bool
    since: datetime | None = None


def say(text: str, *, failed: bool = False) -> None:
    """Say what came of the reader's act, from a callback or in a run; the next thing replaces it.

    Parameters
    ----------
    text : str
        Translated; nothing is said if it is empty.
    failed : bool
        Whether what was asked for was not done.
    """
    if text:
        st.session_state[_SAID] = _Said(text, failed)


def show_said(now: datetime) -> None:
    """Show what was said last, in every run of the next seconds; the shell calls it.

    A run that follows by itself must not take away what nobody can have read. In the browser it
    fades once its time is over; what failed stays until the reader does something else.
    """
    said: _Said | None = st.session_state.get(_SAID)
    if said is None:
        return
    since = said.since or now
    if now - since > STAYS:
        del st.session_state[_SAID]
        return
    st.session_state[_SAID] = replace(said, since=since)
    kind, role = ("hl-said hl-wrong", "alert") if said.failed else ("hl-said", "status")
    st.html(f'<p class="{kind}" role="{role}">{escape(said.text)}</p>')
