"""The portfolio as screen, Excel file and board pack show it: written once, placed three times."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.status import Status
from core.i18n import N_, Translator
from core.reports.number import Number

HEADINGS: Mapping[str, str] = {
    "portfolio": N_("Portfolio"),
    "board_pack": N_("Board pack"),
    "model": N_("Model"),
    "status": N_("Status"),
    "period": N_("Period"),
    "gain": N_("Value over baseline"),
    "interval": N_("95% interval"),
    "low": N_("95% from"),
    "high": N_("95% to"),
    "baseline": N_("Baseline"),
    "lost": N_("Lost by single decisions"),
    "on_track": N_("On track"),
    "at_risk": N_("At risk"),
    "missed": N_("Missed"),
    "targets": N_("Targets"),
    "alerts": N_("Alerts"),
    "to_act": N_("Alerts to act on"),
    "to_watch": N_("Alerts to watch"),
    "rows": N_("Decisions with a known outcome"),
    "owner": N_("Owner"),
    "remarks": N_("To know with it"),
    "total": N_("All models"),
    "facts": N_("Where this comes from"),
}
"""Every heading of the three formats: key → message id."""


@dataclass(frozen=True, slots=True)
class PortfolioLine:
    """One model.

    Parameters
    ----------
    id, name, owner : str
        Its id, its name, and who answers for it.
    status, word : Status, str
        The worst of value, targets and alerts; and the word beside its shape.
    period : str
        The days that are looked at.
    gain, low, high, lost, rows : Number
        Value over the baseline with its interval, what single decisions lost, and how many count.
    interval : str
        Both ends as they are written; empty without.
    baseline : str
        What it is compared with.
    on_track, at_risk, missed, to_act, to_watch : Number
        Targets and open alerts.
    targets, alerts : str
        The same in words.
    remarks : tuple of str
        What must be known: why there is no value, rates, simulated numbers.
    """

    id: str
    name: str
    owner: str
    status: Status
    word: str
    period: str
    gain: Number
    low: Number
    high: Number
    interval: str
    lost: Number
    rows: Number
    baseline: str
    on_track: Number
    at_risk: Number
    missed: Number
    to_act: Number
    to_watch: Number
    targets: str
    alerts: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortfolioReport:
    """All models.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    words : mapping of str to str
        Headings by the keys of :data:`HEADINGS`.
    sentence : str
        What the portfolio says.
    currency : str
        Of all money.
    figures : tuple of (str, Number)
        Four figures over all models: name and number.
    lines : tuple of PortfolioLine
        Those that need somebody first.
    notes : tuple of str
        How money is converted and summed.
    facts : tuple of (str, str)
        When and for whom it was made, and from what.
    """

    language: str
    words: Mapping[str, str]
    sentence: str
    currency: str
    figures: tuple[tuple[str, Number], ...]
    lines: tuple[PortfolioLine, ...]
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def headings(t: Translator) -> dict[str, str]:
    """Return every heading in a language."""
    return {key: t(message) for key, message in HEADINGS.items()}
