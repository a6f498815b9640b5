"""The only JavaScript of the product: constant texts, allowed by their hashes in the CSP.

Values reach a script through data attributes of an element beside it, never through its text.
This is the one module that may call ``st.html`` with JavaScript.
"""

import base64
import hashlib
from pathlib import Path

import streamlit as st

from core.i18n import Locale

SET_LANGUAGE = (
    "document.documentElement.lang=document.querySelector('[data-hl-language]').dataset.hlLanguage"
)
REDEEM_TICKET = (
    "fetch('auth/session',{method:'POST',credentials:'same-origin',headers:{'X-Harbourlight-Ticket':"
    "document.querySelector('[data-hl-ticket]').dataset.hlTicket}})"
)
SIGN_OUT = "fetch('auth/session',{method:'DELETE',credentials:'same-origin'})"
TAKE_PICTURE = (Path(__file__).parent / "static" / "picture.js").read_text(encoding="utf-8")

# Streamlit's own index.html has one inline script; without it the page works, but logs a refusal.
STREAMLIT_INLINE = "\n      window.prerenderReady = false\n    "


def script_hashes() -> tuple[str, ...]:
    """Return the CSP sources of every inline script that may run."""
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (SET_LANGUAGE, REDEEM_TICKET, SIGN_OUT, TAKE_PICTURE, STREAMLIT_INLINE)
    )


def set_language(locale: Locale) -> None:
    """Tell the browser, and screen readers, the language of the page."""
    _run(SET_LANGUAGE, "language", locale)


def listen_for_pictures() -> None:
    """Let buttons that name a chart save it as a picture, made in the browser."""
    _run(TAKE_PICTURE, "pictures", "")


def redeem_ticket(ticket: str) -> None:
    """Let the browser exchange a single-use ticket for the session cookie."""
    _run(REDEEM_TICKET, "ticket", ticket)


def forget_cookie() -> None:
    """Let the browser drop the session cookie."""
    _run(SIGN_OUT, "signed-out", "")


def _run(script: str, name: str, value: str) -> None:
    if not all(letter.isalnum() or letter in "-_" for letter in value):
        raise ValueError("a script's value may hold letters, digits, - and _ only")
    st.html(
        f'<span data-hl-{name}="{value}"></span><script>{script}</script>',
        unsafe_allow_javascript=True,
    )
