"""What every page says at its top: in a demo workspace, and of changes to one's own account."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.components.text import escape
from core.i18n import N_, Translator
from core.services.identity import users
from core.services.identity.account_changes import Told

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_ZONE = "UTC"
_TOLD = {
    "password.reset": N_("Somebody else reset your password on {moment}."),
    "second_factor.reset": N_("Somebody else took your second factor away on {moment}."),
    "user.identity_changed": N_(
        "Somebody else changed which outside identity signs in as you on {moment}."
    ),
}


def demo_banner(t: Translator, workspace: "Workspace") -> None:
    """Say that the log-ins of this workspace are known to everybody, if it has demo people."""
    if users.demo_users(workspace):
        text = t("Demo workspace: log-ins are printed in the open")
        st.html(f'<div class="hl-banner" role="note">{escape(text)}</div>')


def account_banner(t: Translator, told: Sequence[Told]) -> None:
    """Tell somebody for a month what others changed about the own account; it stays there."""
    newest = {each.kind: each.at for each in reversed(told)}
    if newest:
        texts = [t(_TOLD[kind], moment=t.instant(at, _ZONE)) for kind, at in newest.items()]
        texts.append(t("If you did not ask for it, tell a compliance lead at once."))
        st.html(f'<div class="hl-banner" role="alert">{escape(t.sentences(*texts))}</div>')
