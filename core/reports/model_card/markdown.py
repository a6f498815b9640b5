"""A model's card as Markdown: headings, lists and tables of text that is markup nowhere."""

import re
from collections.abc import Iterator
from html import escape

from core.reports.inert_text import acts
from core.reports.model_card.document import CardSection, CardTable, ModelCard
from core.reports.model_card.printed import shared_source

_MARKUP = re.compile(r"([\\`*_{}\[\]#|~!])")
_ADDRESS = re.compile(r"(://|(?<=www)\.)", re.IGNORECASE)


def markdown(card: ModelCard) -> bytes:
    """Return the card as Markdown in UTF-8."""
    return "\n".join(_lines(card)).encode("utf-8")


def escaped(text: str) -> str:
    """Return a text that a reader of Markdown shows as it is: no markup, no tag, no link.

    >>> escaped("<i>")
    '&lt;i&gt;'
    """
    plain = "".join(" " if acts(letter) else letter for letter in text)
    marked = _MARKUP.sub(r"\\\1", escape(plain, quote=False))
    return _ADDRESS.sub(r"\\\1", marked)


def _lines(card: ModelCard) -> Iterator[str]:
    w = card.words
    yield f"# {escaped(card.name)}"
    yield f"\n{escaped(w['card'])}\n"
    yield f"**{escaped(card.sentence)}**\n"
    for name, text in (("as_of", card.as_of), ("made", card.made_at), ("made_for", card.made_for)):
        yield f"- {escaped(w[name])}: {escaped(text)}"
    yield f"- {escaped(w['hash'])}: `{card.sha256}`"
    for section in card.sections:
        yield from _section(section)
    yield ""


def _section(section: CardSection) -> Iterator[str]:
    yield f"\n## {escaped(section.heading)}\n"
    for note in section.notes:
        yield f"{escaped(note)}\n"
    for fact in section.facts:
        yield f"- **{escaped(fact.name)}**: {escaped(fact.value.text)}"
    for source in shared_source(section):
        yield f"\n{escaped(source)}"
    for table in section.tables:
        yield from _table(table)


def _table(table: CardTable) -> Iterator[str]:
    yield f"\n### {escaped(table.caption)}\n"
    yield _row(table.heads)
    yield "|" + " --- |" * len(table.heads)
    for row in table.rows:
        yield _row(tuple(value.text for value in row))
    yield f"\n{escaped(table.source)}"


def _row(texts: tuple[str, ...]) -> str:
    return "| " + " | ".join(escaped(each) for each in texts) + " |"
