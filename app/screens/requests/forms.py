"""Forms and buttons of what the desk does about a request: closed at first, done with a step-up."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.components.step_up import attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from core.domain.identity import Actor

Step = Callable[[Actor], Any]


def form(label: str, key: str, *, expanded: bool = False) -> Any:
    """Return a form inside an expander."""
    # Another key, as what was closed once stays closed under its own.
    own = f"request_open_{key}" if expanded else f"request_closed_{key}"
    opened = st.expander(plain(label), expanded=expanded, key=own)
    return opened.form(f"request_form_{key}", border=False)


def button(
    ctx: PageContext, label: str, key: str, step: Step, done: str = "", *, first: bool = False
) -> None:
    """Show a button that takes a step when it is pressed."""
    if st.button(plain(label), key=f"request_do_{key}", type="primary" if first else "secondary"):
        do(ctx, step, done)


def do(ctx: PageContext, step: Step, done: str) -> None:
    """Take a step on behalf of the reader, and begin the page anew."""
    attempt_and_rerun(ctx, step, done=done)
