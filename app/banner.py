"""What every page of a demo workspace says at its top."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.text import escape
from core.i18n import Translator
from core.services import users

if TYPE_CHECKING:
    from core.services.workspace import Workspace


def demo_banner(t: Translator, workspace: "Workspace") -> None:
    """Say that the log-ins of this workspace are known to everybody, if it has demo people."""
    if users.demo_users(workspace):
        text = t("Demo workspace: log-ins are printed in the open")
        st.html(f'<div class="hl-banner" role="note">{escape(text)}</div>')
