"""What is shown once and kept nowhere: a password, a token or a secret that was just made."""

from dataclasses import dataclass

import streamlit as st

from app.components.states import note
from app.components.text import plain
from core.i18n import Translator


@dataclass(frozen=True, slots=True)
class _Secret:
    whose: str
    text: str


def keep_secret(place: str, whose: str, text: str) -> None:
    """Keep what was just made for :func:`show_secret`, in this session only."""
    st.session_state[_kept(place)] = _Secret(whose, text)


def show_secret(t: Translator, place: str, *, said: str, done: str) -> None:
    """Show what was just made, until the reader says that it is where it has to be.

    Parameters
    ----------
    t : Translator
        The reader's language.
    place : str
        Where it is shown, as given to :func:`keep_secret`.
    said : str
        What it is, in English, with a hole ``{name}`` for whose it is.
    done : str
        What the button says; translated.
    """
    secret: _Secret | None = st.session_state.get(_kept(place))
    if secret is None:
        return
    note(t(said, name=secret.whose))
    st.code(secret.text, language=None, wrap_lines=True)
    st.button(
        plain(done), key=f"{place}_kept", on_click=lambda: st.session_state.pop(_kept(place), None)
    )


def _kept(place: str) -> str:
    return f"_hl_secret_{place}"
