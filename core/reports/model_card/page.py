"""A model's card as one closed HTML page: no script, nothing from outside."""

from html import escape

from core.reports.closed_page import closed_page
from core.reports.drawings import status_mark
from core.reports.model_card.document import CardFact, CardSection, CardTable, ModelCard
from core.reports.model_card.printed import mark_of, shared_source
from core.reports.monthly.printed import lamp

_STYLE = """
body { font: 15px/1.5 Inter, "Noto Sans HK", "PingFang HK", "Microsoft JhengHei", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #16202A; background: #FBFBF9;
  margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem; font-variant-numeric: tabular-nums; }
header { display: flex; justify-content: space-between; align-items: center; color: #0B6E74;
  border-bottom: 2px solid #0B6E74; padding-bottom: .5rem; font-weight: 600; }
header svg { height: 1.4rem; width: 1.4rem; vertical-align: -.3rem; margin-right: .4rem; }
h1 { margin: 1.2rem 0 .4rem; font-size: 1.9rem; } h2 { color: #0B6E74; margin: 2.4rem 0 .5rem; }
h3 { margin: 1.2rem 0 .3rem; font-size: 1rem; }
.small { color: #5B6875; font-size: .85rem; overflow-wrap: anywhere; }
.sentence { font-size: 1.15rem; border-left: 4px solid #0B6E74; padding: .3rem 0 .3rem .8rem; }
nav ul { columns: 3 14rem; padding-left: 1.1rem; } a { color: #0B6E74; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: #fff; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #E3E6E8;
  padding: .45rem .6rem; } th { color: #5B6875; font-size: .85rem; font-weight: 600; }
th[scope=row] { width: 32%; } .unknown { color: #5B6875; }
.mark svg { height: .85rem; width: .85rem; margin-right: .3rem; }
@media print { body { background: #fff; padding: 0; } h2, h3 { break-after: avoid; } }
"""


def page(card: ModelCard) -> bytes:
    """Return the card as an HTML page in UTF-8."""
    w = card.words
    said = ((w["as_of"], card.as_of), (w["made"], card.made_at), (w["made_for"], card.made_for))
    body = (
        f"<header><span>{lamp()}Harbourlight</span>"
        f'<span class="small">{escape(w["card"])}</span></header>'
        f"<main><h1>{escape(card.name)}</h1>"
        f'<p class="sentence"><span class="mark">{status_mark(card.status)}</span>'
        f"{escape(card.sentence)}</p>{_contents(card)}"
        f"{''.join(_section(each) for each in card.sections)}</main>"
        f'<footer class="small"><p>{" · ".join(f"{escape(k)} {escape(v)}" for k, v in said)}</p>'
        f"<p>{escape(w['hash'])} {escape(card.sha256)}</p></footer>"
    )
    title = f"{w['card']} · {card.name}"
    text = (
        f'<!doctype html>\n<html lang="{escape(card.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
    return closed_page(text).encode("utf-8")


def _contents(card: ModelCard) -> str:
    items = "".join(
        f'<li><a href="#{escape(each.key)}">{escape(each.heading)}</a></li>'
        for each in card.sections
    )
    return f'<nav aria-label="{escape(card.words["contents"])}"><ul>{items}</ul></nav>'


def _section(section: CardSection) -> str:
    mark = f'<span class="mark">{status_mark(section.status)}</span>' if section.status else ""
    notes = "".join(f"<p>{escape(each)}</p>" for each in section.notes)
    facts = "".join(_fact(each) for each in section.facts)
    table = f'<div class="scroll"><table>{facts}</table></div>' if facts else ""
    sources = "".join(_source(each) for each in shared_source(section))
    tables = "".join(_table(each) for each in section.tables)
    return (
        f'<section id="{escape(section.key)}"><h2>{mark}{escape(section.heading)}</h2>'
        f"{notes}{table}{sources}{tables}</section>"
    )


def _fact(fact: CardFact) -> str:
    kind = "" if fact.state == "known" else ' class="unknown"'
    return (
        f'<tr><th scope="row">{escape(fact.name)}</th><td{kind}>{escape(fact.value.text)}</td></tr>'
    )


def _source(source: str) -> str:
    return f'<p class="small">{escape(source)}</p>'


def _table(table: CardTable) -> str:
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in table.heads)
    rows = "".join(f"<tr>{_cells(table, place)}</tr>" for place in range(len(table.rows)))
    return (
        f'<h3>{escape(table.caption)}</h3><div class="scroll"><table><tr>{heads}</tr>{rows}</table>'
        f"</div>{_source(table.source)}"
    )


def _cells(table: CardTable, place: int) -> str:
    *texts, last = (escape(value.text) for value in table.rows[place])
    mark = mark_of(table, place)
    shown = f'<span class="mark">{mark}</span>{last}' if mark else last
    return "".join(f"<td>{each}</td>" for each in (*texts, shown))
