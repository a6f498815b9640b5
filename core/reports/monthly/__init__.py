"""The monthly report of one model: one document, shown as a page, a workbook or a PDF."""

from core.reports.monthly.book import book
from core.reports.monthly.document import (
    HEADINGS,
    MonthlyReport,
    ReportAlert,
    ReportCause,
    ReportChange,
    ReportDefinition,
    ReportKpi,
    headings,
)
from core.reports.monthly.page import page
from core.reports.monthly.printed import printed

__all__ = [
    "HEADINGS",
    "MonthlyReport",
    "ReportAlert",
    "ReportCause",
    "ReportChange",
    "ReportDefinition",
    "ReportKpi",
    "book",
    "headings",
    "page",
    "printed",
]
