"""Single sign-on: Streamlit's own ``st.login`` says who somebody is, we say what they may do.

Streamlit checks the provider's signed token and keeps its claims in a cookie for a month. We take
them once, right after the return from the provider, and begin a session of ours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.services.identity.sessions import PENDING_LIFE

_TRIED = "_hl_identity_tried"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider, and when it said so."""

    issuer: str
    subject: str
    issued_at: datetime


def is_offered() -> bool:
    """Whether a provider is configured."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:  # no file with secrets
        return False


def fresh_identity() -> Identity | None:
    """Return who came back from the provider, once; ``None`` if nobody did."""
    if not is_offered() or not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(issued, int):
        return None
    at = datetime.fromtimestamp(issued, UTC)
    if st.session_state.get(_TRIED) == issued or datetime.now(UTC) - at > PENDING_LIFE:
        return None
    st.session_state[_TRIED] = issued
    return Identity(issuer, subject, at)


def forget() -> None:
    """Drop what Streamlit keeps of the provider's answer; used when signing out."""
    if is_offered() and st.user.is_logged_in:
        st.logout()
