"""A model's card as a PDF that holds its fonts."""

from collections.abc import Mapping
from datetime import datetime
from unicodedata import east_asian_width

from core.domain.status import Status
from core.reports.drawings import status_mark
from core.reports.model_card.document import CardFact, CardSection, CardTable, ModelCard
from core.reports.monthly.printed import lamp
from core.reports.typeset import typeset

TEMPLATE = "model_card/model_card.typ"
_SHORT, _WIDE = 24, 40


def printed(card: ModelCard, *, at: datetime) -> bytes:
    """Return the card as a PDF; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(card), at=at)


def as_data(card: ModelCard) -> Mapping[str, object]:
    """Return what the template reads: texts and drawings."""
    w = card.words
    return {
        "language": card.language,
        "title": f"{w['card']} · {card.name}",
        "lamp": lamp(),
        "words": dict(w),
        "name": card.name,
        "sentence": card.sentence,
        "mark": status_mark(card.status),
        "facts": [
            [w["as_of"], card.as_of],
            [w["made"], card.made_at],
            [w["made_for"], card.made_for],
        ],
        "sha256": card.sha256,
        "short": card.sha256[:16],
        "as_of": card.as_of,
        "sections": [_section(each) for each in card.sections],
    }


def _section(section: CardSection) -> dict[str, object]:
    return {
        "key": section.key,
        "heading": section.heading,
        "mark": status_mark(section.status) if section.status else "",
        "notes": list(section.notes),
        "facts": [_fact(each) for each in section.facts],
        "tables": [_table(each) for each in section.tables],
        "source": shared_source(section),
    }


def _fact(fact: CardFact) -> dict[str, object]:
    return {"name": fact.name, "text": fact.value.text, "known": fact.state == "known"}


def _table(table: CardTable) -> dict[str, object]:
    rows = [[value.text for value in row] for row in table.rows]
    return {
        "caption": table.caption,
        "heads": list(table.heads),
        "rows": rows,
        "marks": [mark_of(table, place) for place in range(len(rows))],
        "widths": [
            _width([head, *column], place == 0)
            for place, (head, *column) in enumerate(zip(table.heads, *rows, strict=True))
        ],
        "source": table.source,
    }


def mark_of(table: CardTable, place: int) -> str:
    """Return the drawing of how a row stands; empty where it is not judged."""
    level = table.levels[place] if table.levels else Status.not_enough_data
    return "" if level is Status.not_enough_data else status_mark(level)


def _width(texts: list[str], is_first: bool) -> int:
    """Return the share of the page that a column of long texts has; 0: as wide as its texts."""
    longest = max(sum(2 if east_asian_width(each) in "WF" else 1 for each in t) for t in texts)
    return min(longest, _WIDE) if is_first or longest > _SHORT else 0


def shared_source(section: CardSection) -> list[str]:
    """Return where the single facts of a section are from, each source once, in their order."""
    return list(dict.fromkeys(fact.source for fact in section.facts))
