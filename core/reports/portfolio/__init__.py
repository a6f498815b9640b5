"""The portfolio of models: one document, shown on screen, as an Excel file or as a board pack."""

from core.reports.portfolio.book import book
from core.reports.portfolio.document import HEADINGS, PortfolioLine, PortfolioReport, headings
from core.reports.portfolio.printed import printed

__all__ = ["HEADINGS", "PortfolioLine", "PortfolioReport", "book", "headings", "printed"]
