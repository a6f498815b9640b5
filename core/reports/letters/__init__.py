"""Letters to customers: one record, each language of it on a page of its own."""

from core.reports.letters.document import Letter, LetterPage
from core.reports.letters.printed import printed

__all__ = ["Letter", "LetterPage", "printed"]
