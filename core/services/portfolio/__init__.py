"""Portfolio: all models of a reader beside each other, in one currency."""

from core.services.portfolio.files import PORTFOLIO_FORMATS, PortfolioFormat, portfolio_file
from core.services.portfolio.rows import (
    ModelMoney,
    Portfolio,
    PortfolioRow,
    Targets,
    money_of,
    newest_year,
    portfolio,
)
from core.services.portfolio.written import written

__all__ = [
    "PORTFOLIO_FORMATS",
    "ModelMoney",
    "Portfolio",
    "PortfolioFormat",
    "PortfolioRow",
    "Targets",
    "money_of",
    "newest_year",
    "portfolio",
    "portfolio_file",
    "written",
]
