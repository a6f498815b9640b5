"""A copy as a PDF that holds its fonts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from core.reports.subject_copy.document import SubjectCopy
from core.reports.typeset import typeset

TEMPLATE = "subject_copy/copy.typ"


def printed(copy: SubjectCopy, *, at: datetime) -> bytes:
    """Return the copy as a PDF; ``at`` is when it was made."""
    return typeset(TEMPLATE, as_data(copy), at=at)


def as_data(copy: SubjectCopy) -> Mapping[str, object]:
    """Return what the template reads: texts."""
    return {"language": copy.languages[0], "lamp": "", **asdict(copy)}
