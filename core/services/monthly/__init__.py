"""The monthly report of a model: figures, why they changed, alerts, definitions."""

from core.services.monthly.files import FORMATS, Format, ReportFile, monthly_report
from core.services.monthly.report import MonthFound, month_found, written
from core.services.monthly.schedule import (
    Plan,
    end_plan,
    get_plan,
    hand_over,
    list_reports,
    set_plan,
)

__all__ = [
    "FORMATS",
    "Format",
    "MonthFound",
    "Plan",
    "ReportFile",
    "end_plan",
    "get_plan",
    "hand_over",
    "list_reports",
    "month_found",
    "monthly_report",
    "set_plan",
    "written",
]
