"""The portfolio as an Excel file: sortable, with numbers that are numbers."""

from datetime import datetime

from core.reports.number import Number
from core.reports.portfolio.document import PortfolioLine, PortfolioReport
from core.reports.workbook import Cell, Workbook

_NUMBERS = ("gain", "low", "high", "lost", "rows", "on_track", "at_risk", "missed")
_LATER = ("to_act", "to_watch")


def book(report: PortfolioReport, *, at: datetime) -> bytes:
    """Return the portfolio as an Excel file; ``at`` is when it was made."""
    w = report.words
    heads = [w["model"], "ID", w["status"], w["period"], *(w[key] for key in _NUMBERS)]
    heads += [*(w[key] for key in _LATER), w["baseline"], w["owner"], w["remarks"]]
    with Workbook(f"Harbourlight · {w['portfolio']}", at) as made:
        above = (w["portfolio"], report.sentence, *report.notes)
        made.sheet(w["portfolio"], heads, [_line(each) for each in report.lines], above)
        figures: list[list[Cell]] = [[name, number] for name, number in report.figures]
        made.sheet(w["total"], [], figures)
        made.sheet(w["facts"], [], [list(each) for each in report.facts])
    return made.content


def _line(line: PortfolioLine) -> list[Cell]:
    numbers: list[Number] = [getattr(line, key) for key in (*_NUMBERS, *_LATER)]
    cells: list[Cell] = [line.name, line.id, line.word, line.period, *numbers]
    return [*cells, line.baseline, line.owner, "\n".join(line.remarks)]
