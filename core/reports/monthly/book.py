"""The monthly report as an Excel file: the same numbers, to be calculated with."""

from datetime import datetime

from core.reports.monthly.document import MonthlyReport, ReportKpi
from core.reports.number import Number
from core.reports.workbook import Cell, Workbook

_NONE = Number(float("nan"), "–")


def book(report: MonthlyReport, *, at: datetime) -> bytes:
    """Return the report as an Excel file; ``at`` is when it was made."""
    w, title = report.words, f"{report.model} · {report.month}"
    with Workbook(title, at) as made:
        heads = [w[key] for key in ("kpi", "value", "low", "high", "rows", "target", "status")]
        heads += [w[key] for key in ("results", "previous", "change", "remarks")]
        above = (title, report.sentence, *_note(report, "kpis"))
        made.sheet(w["kpis"], heads, [_kpi(each) for each in report.kpis], above)
        made.sheet(w["course"], [w["month"], *(each.name for each in report.kpis)], _course(report))
        causes: list[list[Cell]] = [
            [change.name, each.name, each.value, each.interval]
            for change in report.changes
            for each in change.causes
        ]
        heads = [w[key] for key in ("kpi", "cause", "change", "interval")]
        lines = [f"{change.name}: {change.sentence}" for change in report.changes]
        made.sheet(w["why"], heads, causes, (*lines, *_note(report, "changes")))
        made.sheet(
            w["alerts"],
            [w[key] for key in ("opened", "alert", "severity", "state")],
            [[each.opened, each.what, each.severity, each.state] for each in report.alerts],
            _note(report, "alerts"),
        )
        made.sheet(
            w["definitions"],
            [w[key] for key in ("kpi", "meaning", "formula", "maturity", "owner")],
            [
                [each.name, each.meaning, each.formula, each.maturity, each.owner]
                for each in report.definitions
            ],
        )
        made.sheet(w["facts"], [], [list(each) for each in report.facts])
    return made.content


def _note(report: MonthlyReport, key: str) -> tuple[str, ...]:
    note = report.notes.get(key, "")
    return (note,) if note else ()


def _kpi(kpi: ReportKpi) -> list[Cell]:
    target: Cell = kpi.target or _NONE
    cells: list[Cell] = [kpi.name, kpi.value, kpi.low, kpi.high, kpi.n, target, kpi.word]
    remarks = "\n".join(each for each in (kpi.target_note, *kpi.remarks) if each)
    return [*cells, kpi.maturity, kpi.previous, kpi.change, remarks]


def _course(report: MonthlyReport) -> list[list[Cell]]:
    return [
        [month, *(each.course[place] for each in report.kpis)]
        for place, month in enumerate(report.months)
    ]
