"""A monthly report as its three formats show it: every text written, every number beside its text.

The page, the workbook and the PDF only place what stands here, so none of them can say another
number than the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.status import Status
from core.i18n import N_, Translator
from core.reports.number import Number

HEADINGS: Mapping[str, str] = {
    "report": N_("Monthly report"),
    "kpis": N_("Figures of the month"),
    "kpi": N_("Figure"),
    "value": N_("Value"),
    "interval": N_("95% interval"),
    "rows": N_("Rows"),
    "target": N_("Target"),
    "status": N_("Status"),
    "results": N_("Results"),
    "previous": N_("Month before"),
    "change": N_("Change"),
    "course": N_("Twelve months"),
    "why": N_("Why it changed"),
    "cause": N_("Cause"),
    "alerts": N_("Alerts of the month"),
    "opened": N_("Opened"),
    "alert": N_("Alert"),
    "severity": N_("Severity"),
    "state": N_("State"),
    "definitions": N_("How the figures are defined"),
    "formula": N_("Formula"),
    "maturity": N_("Which rows count"),
    "owner": N_("Owner"),
    "facts": N_("Where this comes from"),
    "month": N_("Month"),
    "low": N_("95% from"),
    "high": N_("95% to"),
    "meaning": N_("Meaning"),
    "remarks": N_("To know with it"),
}
"""Every heading of the three formats: key → message id."""


@dataclass(frozen=True, slots=True)
class ReportKpi:
    """One line of the table.

    Parameters
    ----------
    id, name, meaning : str
        Its id, name and one plain sentence.
    value, low, high, n : Number
        The figure of the month, the ends of its interval, and the rows behind it.
    interval : str
        Both ends as they are written; empty without.
    target : Number, optional
        What was aimed at.
    target_note : str
        Since when and by whom; that it was set after go-live.
    status : Status
        The shape before ``word``.
    word : str
        On track, at risk, missed, or why nothing can be said.
    maturity : str
        Whether results are complete; empty where none are waited for.
    previous : Number
        The month before.
    change : str
        From then to now: arrow, size, better or worse.
    course : tuple of Number
        One for each of the report's months; NaN where there is none.
    remarks : tuple of str
        What must be known with the figure.
    """

    id: str
    name: str
    meaning: str
    value: Number
    low: Number
    high: Number
    n: Number
    interval: str
    target: Number | None
    target_note: str
    status: Status
    word: str
    maturity: str
    previous: Number
    change: str
    course: tuple[Number, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportCause:
    """What one cause added to a figure: its size, and the ends of its interval as written."""

    name: str
    value: Number
    interval: str


@dataclass(frozen=True, slots=True)
class ReportChange:
    """Why one figure changed since the month before."""

    name: str
    sentence: str
    before: Number
    after: Number
    causes: tuple[ReportCause, ...]


@dataclass(frozen=True, slots=True)
class ReportAlert:
    """One alert that was opened in the month."""

    opened: str
    what: str
    status: Status
    severity: str
    state: str


@dataclass(frozen=True, slots=True)
class ReportDefinition:
    """How one figure is defined."""

    name: str
    meaning: str
    formula: str
    maturity: str
    owner: str


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """A month of one model.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    words : mapping of str to str
        Headings by the keys of :data:`HEADINGS`.
    model, month, sentence : str
        Name of the model, the month as written, and what it says in a sentence.
    months : tuple of str
        The months of every ``course``; the last is the month itself.
    kpis, changes, alerts, definitions
        The parts.
    notes : mapping of str to str
        By part (``kpis``, ``changes``, ``alerts``): why it is empty, or what it leaves out.
    facts : tuple of (str, str)
        As-of, generation, contract and the like.
    """

    language: str
    words: Mapping[str, str]
    model: str
    month: str
    sentence: str
    months: tuple[str, ...]
    kpis: tuple[ReportKpi, ...]
    changes: tuple[ReportChange, ...]
    alerts: tuple[ReportAlert, ...]
    definitions: tuple[ReportDefinition, ...]
    facts: tuple[tuple[str, str], ...]
    notes: Mapping[str, str] = field(default_factory=dict)


def headings(t: Translator) -> dict[str, str]:
    """Return every heading in a language."""
    return {key: t(message) for key, message in HEADINGS.items()}
