"""A letter as a PDF that holds its fonts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from core.reports.letters.document import Letter
from core.reports.typeset import typeset

TEMPLATE = "letters/letter.typ"


def printed(letter: Letter, *, at: datetime) -> bytes:
    """Return the letter as a PDF; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(letter), at=at)


def as_data(letter: Letter) -> Mapping[str, object]:
    """Return what the template reads: texts."""
    first = letter.pages[0]
    return {
        "language": first.language,
        "title": f"{first.title} · {first.reference}",
        "lamp": "",
        "pages": [asdict(page) for page in letter.pages],
    }
