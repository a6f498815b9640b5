"""The letter about a decision: one page, from one model of it in every format."""

from core.reports.decision_letter.document import DecisionLetter, Section
from core.reports.decision_letter.printed import pages_of, printed
from core.reports.decision_letter.written import as_page, as_text

__all__ = ["DecisionLetter", "Section", "as_page", "as_text", "pages_of", "printed"]
