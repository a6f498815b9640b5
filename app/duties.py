"""What somebody has to do before the app opens: a password of one's own, a second factor."""

import streamlit as st

from app.components.text import escape
from app.context import PageContext
from app.screens.people import account as screen
from core.domain.identity import Actor
from core.services.identity import accounts

_FIRST_CODES = "_hl_first_codes"


def has_duty(actor: Actor) -> bool:
    """Whether something is left to do; the first recovery codes are looked at before it is over."""
    if actor.duty == "second_factor":
        st.session_state[_FIRST_CODES] = True
    elif not screen.has_codes():
        st.session_state.pop(_FIRST_CODES, None)
    return actor.duty is not None or _FIRST_CODES in st.session_state


def show_duty(ctx: PageContext) -> None:
    """Show the one thing to do, in place of every page."""
    t = ctx.t
    with st.container(key="hl_duty"):
        if ctx.actor.duty == "password":
            _head(
                t("Set your own password"),
                t("The password you signed in with was for this one time."),
            )
            screen.password_form(
                ctx, asks_current=not accounts.just_signed_in(ctx.workspace, actor=ctx.actor)
            )
        else:
            _head(
                t("Set up your second factor"),
                t("Your role asks for a code of your phone beside the password."),
            )
            screen.second_factor(ctx, accounts.account(ctx.workspace, actor=ctx.actor))


def _head(title: str, text: str) -> None:
    st.html(f'<div class="hl-header"><h1>{escape(title)}</h1></div>')
    st.html(f'<div class="hl-sentence">{escape(text)}</div>')
