"""Which pages there are, who may open them, and which filters they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator

PAGES_FOLDER = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu.

    Parameters
    ----------
    key : str
        Stem of the file in ``pages/`` and last part of the address.
    title : str
        Message id of the name in the menu.
    icon : str
        Material symbol, for the browser's own menus.
    permission : Permission
        Who has it sees the page; the page's service checks it again.
    section : str
        Message id of the group.
    chips : tuple of str
        The filters the page shows, in order.
    """

    key: str
    title: str
    icon: str
    permission: Permission
    section: str
    chips: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the page's script is."""
        return PAGES_FOLDER / f"{self.key}.py"


_FULL = ("model", "period", "version", "slice", "as_of")

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "overview",
        N_("Overview"),
        ":material/dashboard:",
        Permission.overview_view,
        N_("Models"),
        ("model", "period", "as_of"),
    ),
    Entry(
        "operations",
        N_("Operations"),
        ":material/monitor_heart:",
        Permission.operations_view,
        N_("Models"),
        ("model", "period", "version"),
    ),
    Entry(
        "drift",
        N_("Drift"),
        ":material/moving:",
        Permission.drift_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "data_quality",
        N_("Data quality"),
        ":material/rule:",
        Permission.quality_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "ingest",
        N_("Ingest"),
        ":material/upload_file:",
        Permission.ingest_view,
        N_("Data"),
        ("model",),
    ),
)


def visible_entries(actor: Actor, entries: Sequence[Entry] = ENTRIES) -> tuple[Entry, ...]:
    """Return the pages that the actor's roles open, in the order of the menu."""
    return tuple(each for each in entries if allows(actor, each.permission) and each.path.is_file())


def page_for(key: str, actor: Actor) -> Any | None:
    """Return the page to link to, or nothing if the actor may not open it."""
    return next((str(each.path) for each in visible_entries(actor) if each.key == key), None)


def streamlit_pages(t: Translator, actor: Actor) -> dict[str, Any]:
    """Return page key → ``st.Page`` of what the actor may open; the first is the default."""
    return {
        each.key: st.Page(
            each.path,
            title=t(each.title),
            icon=each.icon,
            url_path=each.key.replace("_", "-"),
            default=place == 0,
        )
        for place, each in enumerate(visible_entries(actor))
    }
