"""A letter about a decision as plain text, and as a closed HTML page."""

from collections.abc import Iterator
from html import escape

from core.reports.closed_page import closed_page
from core.reports.decision_letter.document import DecisionLetter, Section

_STYLE = """
body { font: 16px/1.6 Inter, "Noto Sans HK", "PingFang HK", "Microsoft JhengHei", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #16202A; background: #FBFBF9;
  margin: 0 auto; max-width: 42rem; padding: 2rem 1.25rem; }
address { font-style: normal; } h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; }
.head { display: flex; flex-wrap: wrap; gap: .5rem 2rem; justify-content: space-between;
  border-bottom: 1px solid #D5DADD; padding: .8rem 0 .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; }
dt, small { color: #5B6875; } dd { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } }
@media print { body { background: #fff; padding: 0; } }
"""


def as_text(letter: DecisionLetter) -> bytes:
    """Return the letter as plain text in UTF-8."""
    return "\n".join(_lines(letter)).encode("utf-8")


def as_page(letter: DecisionLetter) -> bytes:
    """Return the letter as an HTML page in UTF-8, which asks nobody for anything."""
    facts = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in letter.facts)
    name = f"<p><strong>{escape(letter.sender[0])}</strong></p>" if letter.sender else ""
    body = (
        f"<address>{'<br>'.join(escape(each) for each in letter.sender)}</address>"
        f'<div class="head"><span>{escape(letter.reference)}</span>'
        f"<span>{escape(letter.date)}</span></div>"
        f"<main><p>{escape(letter.greeting)}</p><h1>{escape(letter.title)}</h1>"
        f"<p>{escape(letter.opening)}</p><dl>{facts}</dl>"
        f"{''.join(map(_section, letter.sections))}"
        f"<p>{escape(letter.closing)}</p>{name}</main>"
        f"<p><small>{escape(letter.foot)}<br>{escape(letter.check)}</small></p>"
    )
    text = (
        f'<!doctype html>\n<html lang="{escape(letter.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(letter.title)}</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>\n"
    )
    return closed_page(text).encode("utf-8")


def _section(section: Section) -> str:
    lines = "".join(f"<li>{escape(each)}</li>" for each in section.lines)
    said = "".join(f"<p>{escape(each)}</p>" for each in section.paragraphs)
    return f"<h2>{escape(section.heading)}</h2>{f'<ul>{lines}</ul>' if lines else ''}{said}"


def _lines(letter: DecisionLetter) -> Iterator[str]:
    yield from letter.sender
    yield from ("", letter.reference, letter.date, "", letter.greeting, "", letter.title, "")
    yield from (letter.opening, "")
    separator = ": " if letter.language == "en" else "："
    yield from (f"{name}{separator}{value}" for name, value in letter.facts)
    for section in letter.sections:
        yield from ("", section.heading)
        yield from (f"- {each}" for each in section.lines)
        yield from section.paragraphs
    yield from ("", letter.closing, *letter.sender[:1], "", letter.foot, letter.check, "")
