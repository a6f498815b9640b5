"""The bell in the masthead: how many open alerts have news that the reader has not seen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.identity import Actor
from core.errors import HarbourlightError
from core.i18n import Translator
from core.services import alerts

if TYPE_CHECKING:
    from core.services.workspace import Workspace

ALERTS = "alerts"


def bell(t: Translator, opened: "Workspace", actor: Actor, pages: Mapping[str, Any]) -> None:
    """Show the bell to whoever may open the page of alerts; one count of an index each run."""
    if ALERTS not in pages:
        return
    try:
        new = alerts.unread(opened, actor=actor)
    except HarbourlightError:  # the page itself says what is wrong
        return
    number = t.number(new, 0)
    label = t.n("{n} new alert", "{n} new alerts", new) if new else t("No new alerts")
    label = label.replace(number, f"**{number}**", 1)  # the eye sees the number, readers hear all
    with st.container(key="hl_bell_rings" if new else "hl_bell", width="content"):
        st.page_link(pages[ALERTS], label=label, icon=":material/notifications:")
