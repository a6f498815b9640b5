"""A row of figures, each with its target, change and sample size."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.status import status_badge
from app.components.text import escape
from core.domain.status import Status
from core.i18n import Translator


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure, formatted: what it is, what it was, and what it should be.

    Parameters
    ----------
    label, value : str
        Name and figure.
    note : str
        Target, change or n, in that order of importance, such as ``t.delta(…)``.
    status : Status, optional
        How it stands against its target.
    definition : str
        Shown when the pointer rests on the label.
    """

    label: str
    value: str
    note: str = ""
    status: Status | None = None
    definition: str = ""


def kpi_row(t: Translator, kpis: Sequence[Kpi]) -> None:
    """Show three to six figures side by side."""
    st.html(f'<dl class="hl-kpis">{"".join(_figure(t, kpi) for kpi in kpis)}</dl>')


def _figure(t: Translator, kpi: Kpi) -> str:
    title = f' title="{escape(kpi.definition)}"' if kpi.definition else ""
    note = f'<span class="hl-kpi-note">{escape(kpi.note)}</span>' if kpi.note else ""
    badge = status_badge(t, kpi.status) if kpi.status else ""
    return (
        f"<div><dt{title}>{escape(kpi.label)}</dt>"
        f'<dd><span class="hl-kpi-value">{escape(kpi.value)}</span>{note}{badge}</dd></div>'
    )
