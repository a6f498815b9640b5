"""Doing what an actor may do only after giving the password or a code once more.

A page hands its action to :func:`attempt` from a button's callback, or in its run to
:func:`attempt_and_rerun`. If the service asks for a step-up, the action waits, a dialog asks, and
the action is done as soon as the answer is right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from app.components.saying import say, show_said
from app.components.text import error_text, escape, refusal_text
from app.context import PageContext
from core.domain.identity import Actor
from core.errors import HarbourlightError, SignedOut, StepUpNeeded
from core.services.identity import step_up as service

_WAITING = "_hl_step_up"
Action = Callable[[Actor], Any]


@dataclass(frozen=True, slots=True)
class _Waiting:
    action: Action
    done: str


def attempt(ctx: PageContext, action: Action, *, done: str = "") -> None:
    """Do something on behalf of the reader, after a step-up where the service asks for one.

    Parameters
    ----------
    ctx : PageContext
        The page's context.
    action : callable
        Given the actor; what it returns is dropped. It may keep a result in the session state.
    done : str
        Said once it is done; translated.
    """
    try:
        action(ctx.actor)
    except StepUpNeeded:
        st.session_state[_WAITING] = _Waiting(action, done)
    except SignedOut:
        raise
    except HarbourlightError as error:
        say(refusal_text(ctx.t, error), failed=True)
    else:
        say(done)


def attempt_and_rerun(ctx: PageContext, action: Action, *, done: str = "") -> NoReturn:
    """Do something as :func:`attempt` does, and begin the page anew: it shows what came of it."""
    attempt(ctx, action, done=done)
    st.rerun()


def ask_again(ctx: PageContext) -> None:
    """Say what came of the last action, and open the dialog if one waits; the shell calls it."""
    show_said(ctx.workspace.clock())
    if _WAITING in st.session_state:
        t = ctx.t

        @st.dialog(t("Is it you?"), on_dismiss=_forget)
        def dialog() -> None:
            _ask(ctx)

        dialog()


def _ask(ctx: PageContext) -> None:
    t = ctx.t
    minutes = service.minutes(ctx.workspace, actor=ctx.actor)
    text = t(
        "This step asks who you are once more. It counts for {minutes} minutes.", minutes=minutes
    )
    st.html(f'<p class="hl-note">{escape(text)}</p>')
    with st.form("hl_step_up", border=False):
        given = st.text_input(t("Password, or a one-time code"), type="password", key="hl_proof")
        pressed = st.form_submit_button(t("Continue"), type="primary")
    if not pressed:
        return
    waiting: _Waiting = st.session_state[_WAITING]
    try:
        actor = service.step_up(ctx.workspace, actor=ctx.actor, password=given, code=given)
    except SignedOut:
        st.rerun()
    except HarbourlightError as error:
        text = refusal_text(t, error)
        st.html(f'<p class="hl-alert" role="alert">{escape(text)}</p>')
        return
    _forget()
    try:
        waiting.action(actor)
    except SignedOut:
        st.rerun()
    except HarbourlightError as error:
        say(error_text(t, error), failed=True)
    else:
        say(waiting.done)
    st.rerun()


def _forget() -> None:
    st.session_state.pop(_WAITING, None)
