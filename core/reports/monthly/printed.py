"""The monthly report as a PDF."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files

from core.reports.drawings import cause_bar, course_line, status_mark
from core.reports.monthly.document import MonthlyReport, ReportChange, ReportKpi
from core.reports.typeset import typeset

TEMPLATE = "monthly/monthly.typ"


def printed(report: MonthlyReport, *, at: datetime) -> bytes:
    """Return the report as a PDF that holds its fonts; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(report), at=at)


def as_data(report: MonthlyReport) -> Mapping[str, object]:
    """Return what the template reads: texts and drawings."""
    return {
        "language": report.language,
        "title": f"{report.model} · {report.month}",
        "footer": f"Harbourlight · {report.model} · {report.month}",
        "lamp": lamp(),
        "words": dict(report.words),
        "model": report.model,
        "month": report.month,
        "sentence": report.sentence,
        "kpis": [_kpi(each) for each in report.kpis],
        "changes": [_change(each) for each in report.changes],
        "alerts": [
            {
                "opened": each.opened,
                "what": each.what,
                "severity": each.severity,
                "state": each.state,
                "mark": status_mark(each.status),
            }
            for each in report.alerts
        ],
        "definitions": [asdict(each) for each in report.definitions],
        "facts": [list(each) for each in report.facts],
        "notes": dict(report.notes),
    }


def lamp() -> str:
    """Return the mark of Harbourlight as SVG."""
    return files("core.reports").joinpath("lamp.svg").read_text(encoding="utf-8")


def _kpi(kpi: ReportKpi) -> dict[str, object]:
    target = kpi.target
    return {
        "name": kpi.name,
        "meaning": kpi.meaning,
        "value": kpi.value.text,
        "interval": kpi.interval,
        "n": kpi.n.text,
        "target": target.text if target else "–",
        "target_note": kpi.target_note,
        "mark": status_mark(kpi.status),
        "word": kpi.word,
        "maturity": kpi.maturity,
        "previous": kpi.previous.text,
        "change": kpi.change,
        "remarks": list(kpi.remarks),
        "drawing": course_line(
            [each.value for each in kpi.course], target.value if target else None
        ),
    }


def _change(change: ReportChange) -> dict[str, object]:
    largest = max((abs(each.value.value) for each in change.causes), default=0.0)
    return {
        "name": change.name,
        "sentence": change.sentence,
        "before": change.before.text,
        "after": change.after.text,
        "causes": [
            {
                "name": each.name,
                "value": each.value.text,
                "interval": each.interval,
                "drawing": cause_bar(each.value.value, largest),
            }
            for each in change.causes
        ],
    }
