"""A letter about a decision as a PDF that holds its fonts, and how many pages it fills."""

from dataclasses import asdict
from datetime import datetime

from core.reports.decision_letter.document import DecisionLetter
from core.reports.typeset import page_count, typeset

TEMPLATE = "decision_letter/decision_letter.typ"


def printed(letter: DecisionLetter, *, at: datetime) -> bytes:
    """Return the letter as a PDF; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(letter), at=at)


def pages_of(letter: DecisionLetter) -> int:
    """Return how many pages the letter fills."""
    return page_count(TEMPLATE, as_data(letter))


def as_data(letter: DecisionLetter) -> dict[str, object]:
    """Return what the template reads: texts."""
    return asdict(letter) | {"lamp": ""}
