"""The portfolio as a board pack: a PDF of one page, if there are not too many models."""

from collections.abc import Mapping
from datetime import datetime

from core.reports.drawings import cause_bar, status_mark
from core.reports.monthly.printed import lamp
from core.reports.portfolio.document import PortfolioLine, PortfolioReport
from core.reports.typeset import typeset

TEMPLATE = "portfolio/portfolio.typ"


def printed(report: PortfolioReport, *, at: datetime) -> bytes:
    """Return the board pack as a PDF that holds its fonts; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(report), at=at)


def as_data(report: PortfolioReport) -> Mapping[str, object]:
    """Return what the template reads: texts and drawings."""
    largest = max((abs(each.gain.value) for each in report.lines if each.gain.known), default=0.0)
    return {
        "language": report.language,
        "title": f"{report.words['board_pack']} · {report.words['portfolio']}",
        "lamp": lamp(),
        "words": dict(report.words),
        "sentence": report.sentence,
        "figures": [{"name": name, "value": number.text} for name, number in report.figures],
        "lines": [_line(each, largest) for each in report.lines],
        "notes": list(report.notes),
        "facts": [list(each) for each in report.facts],
    }


def _line(line: PortfolioLine, largest: float) -> dict[str, object]:
    return {
        "name": line.name,
        "owner": line.owner,
        "mark": status_mark(line.status),
        "word": line.word,
        "period": line.period,
        "gain": line.gain.text,
        "interval": line.interval,
        "baseline": line.baseline,
        "lost": line.lost.text,
        "targets": line.targets,
        "alerts": line.alerts,
        "remarks": list(line.remarks),
        "drawing": cause_bar(line.gain.value, largest),
    }
