"""A dossier as a PDF that holds its fonts."""

from dataclasses import asdict
from datetime import datetime

from core.reports.dossier.document import DossierPage
from core.reports.typeset import typeset

TEMPLATE = "dossier/dossier.typ"


def printed(page: DossierPage, *, at: datetime) -> bytes:
    """Return the document as a PDF; ``at`` is when it was made."""
    return typeset(TEMPLATE, {"lamp": "", **asdict(page)}, at=at)
