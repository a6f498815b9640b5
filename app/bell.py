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
    """Show the bell to whoever may open the page of alerts; one or two counts by index each run."""
    if ALERTS not in pages:
        return
    try:
        new = alerts.unread(opened, actor=actor)
        waiting = not new and bool(alerts.unchecked(opened, actor=actor))
    except HarbourlightError:  # the page itself says what is wrong
        return
    label = _unchecked(t) if waiting else _counted(t, new)
    with st.container(key="hl_bell_rings" if new else "hl_bell", width="content"):
        st.page_link(
            pages[ALERTS],
            label=label,
            icon=":material/notifications:",
            help=t("Not every model has been checked yet") if waiting else None,
        )


def _counted(t: Translator, new: int) -> str:
    number = t.number(new, 0)
    label = t.n("{n} new alert", "{n} new alerts", new) if new else t("No new alerts")
    return label.replace(number, f"**{number}**", 1)  # the eye sees the number, readers hear all


def _unchecked(t: Translator) -> str:
    """Return what stands there before the first checks: no 0, which would say that all is well."""
    return t.sentences("**…**", t("Not every model has been checked yet"))
