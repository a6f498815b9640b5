"""A model's card: one document, shown on screen, as a PDF, as a closed page or as Markdown."""

from core.reports.model_card.document import (
    CardFact,
    CardSection,
    CardTable,
    FactState,
    ModelCard,
    Value,
)
from core.reports.model_card.markdown import markdown
from core.reports.model_card.page import page
from core.reports.model_card.printed import printed

__all__ = [
    "CardFact",
    "CardSection",
    "CardTable",
    "FactState",
    "ModelCard",
    "Value",
    "markdown",
    "page",
    "printed",
]
