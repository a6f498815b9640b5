"""The monthly report as one closed HTML page: no script, nothing from outside."""

from collections.abc import Iterable, Sequence
from html import escape

from core.reports.closed_page import closed_page
from core.reports.drawings import cause_bar, course_line, status_mark
from core.reports.monthly.document import MonthlyReport, ReportChange, ReportKpi
from core.reports.monthly.printed import lamp

_STYLE = """
body { font: 15px/1.5 Inter, "Noto Sans HK", "PingFang HK", "Microsoft JhengHei", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #16202A; background: #FBFBF9;
  margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem; font-variant-numeric: tabular-nums; }
header { display: flex; justify-content: space-between; align-items: center; color: #0B6E74;
  border-bottom: 2px solid #0B6E74; padding-bottom: .5rem; font-weight: 600; }
header svg { height: 1.4rem; width: 1.4rem; vertical-align: -.3rem; margin-right: .4rem; }
h1 { margin: 1.2rem 0 0; font-size: 1.9rem; } h2 { color: #0B6E74; margin: 2rem 0 .5rem; }
h3 { margin: 1.2rem 0 0; } small, .small { color: #5B6875; font-size: .85rem; font-weight: 400; }
.sentence { font-size: 1.15rem; border-left: 4px solid #0B6E74; padding: .3rem 0 .3rem .8rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: #fff; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #E3E6E8;
  padding: .5rem .6rem; } th { color: #5B6875; font-size: .85rem; }
td.number, th.number { text-align: right; white-space: nowrap; } td small { display: block; }
td.stand { min-width: 7rem; } td.bar svg { width: 9rem; height: .9rem; }
.mark svg { height: .8rem; width: .8rem; }
code { font-size: .85rem; white-space: pre-wrap; }
@media print { body { background: #fff; padding: 0; } h2, h3 { break-after: avoid; } }
"""


def page(report: MonthlyReport) -> bytes:
    """Return the report as an HTML page in UTF-8."""
    w, title = report.words, f"{report.model} · {report.month}"
    body = (
        f"<header><span>{lamp()}Harbourlight</span>"
        f'<span class="small">{escape(w["report"])}</span></header>'
        f"<main><h1>{escape(report.model)}</h1><p>{escape(report.month)}</p>"
        f'<p class="sentence">{escape(report.sentence)}</p>'
        f"{_section(report, 'kpis', _kpis(report))}"
        f"{_section(report, 'why', ''.join(_change(report, each) for each in report.changes))}"
        f"{_section(report, 'alerts', _alerts(report))}"
        f"{_section(report, 'definitions', _definitions(report))}"
        f"{_section(report, 'facts', _facts(report))}</main>"
    )
    text = (
        f'<!doctype html>\n<html lang="{escape(report.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
    return closed_page(text).encode("utf-8")


def _section(report: MonthlyReport, key: str, content: str) -> str:
    note = report.notes.get("changes" if key == "why" else key, "")
    said = f'<p class="small">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(report.words[key])}</h2>{content}{said}</section>"


def _table(heads: Sequence[tuple[str, bool]], rows: Iterable[str]) -> str:
    """Return a table of rows made here; each head is a text and whether its column is numbers."""
    lines = "".join(rows)
    if not lines:
        return ""
    cells = "".join(
        f'<th scope="col"{" class=number" if number else ""}>{escape(text)}</th>'
        for text, number in heads
    )
    return f'<div class="scroll"><table><tr>{cells}</tr>{lines}</table></div>'


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _kpis(report: MonthlyReport) -> str:
    w = report.words
    heads = [(w["kpi"], False), (w["value"], True), (w["target"], False), (w["status"], False)]
    heads += [(w["change"], True), (w["course"], False)]
    return _table(heads, (_kpi(report, each) for each in report.kpis))


def _kpi(report: MonthlyReport, kpi: ReportKpi) -> str:
    w, target = report.words, kpi.target
    line = course_line([each.value for each in kpi.course], target.value if target else None)
    remarks = "".join(_small(each) for each in kpi.remarks)
    return (
        f"<tr><td><strong>{escape(kpi.name)}</strong>{_small(kpi.meaning)}{remarks}</td>"
        f'<td class="number"><strong>{escape(kpi.value.text)}</strong>{_small(kpi.interval)}'
        f"{_small(w['rows'] + ' ' + kpi.n.text)}</td>"
        f"<td>{escape(target.text if target else '–')}{_small(kpi.target_note)}</td>"
        f'<td class="stand"><span class="mark">{status_mark(kpi.status)}</span> {escape(kpi.word)}'
        f"{_small(kpi.maturity)}</td>"
        f'<td class="number">{escape(kpi.change)}'
        f"{_small(w['previous'] + ' ' + kpi.previous.text)}</td><td>{line}</td></tr>"
    )


def _change(report: MonthlyReport, change: ReportChange) -> str:
    w = report.words
    largest = max((abs(each.value.value) for each in change.causes), default=0.0)
    rows = (
        f'<tr><td>{escape(each.name)}</td><td class="number">{escape(each.value.text)}</td>'
        f"<td>{_small(each.interval)}</td>"
        f'<td class="bar">{cause_bar(each.value.value, largest)}</td></tr>'
        for each in change.causes
    )
    heads = [(w["cause"], False), (w["change"], True), (w["interval"], False), ("", False)]
    ends = f"{change.before.text} → {change.after.text}"
    return (
        f'<h3>{escape(change.name)} <span class="small">{escape(ends)}</span></h3>'
        f"<p>{escape(change.sentence)}</p>{_table(heads, rows)}"
    )


def _alerts(report: MonthlyReport) -> str:
    w = report.words
    heads = [(w[key], False) for key in ("opened", "alert", "severity", "state")]
    return _table(
        heads,
        (
            f"<tr><td>{escape(each.opened)}</td><td>{escape(each.what)}</td>"
            f'<td><span class="mark">{status_mark(each.status)}</span> {escape(each.severity)}</td>'
            f"<td>{escape(each.state)}</td></tr>"
            for each in report.alerts
        ),
    )


def _definitions(report: MonthlyReport) -> str:
    heads = [(report.words[key], False) for key in ("kpi", "formula", "maturity", "owner")]
    return _table(
        heads,
        (
            f"<tr><td>{escape(each.name)}</td><td><code>{escape(each.formula)}</code></td>"
            f"<td>{escape(each.maturity)}</td><td>{escape(each.owner)}</td></tr>"
            for each in report.definitions
        ),
    )


def _facts(report: MonthlyReport) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>'
        for name, text in report.facts
    )
    return f'<div class="scroll"><table>{rows}</table></div>'
