"""Scheduled checks: figures and alarms of every model, stored once."""

from core.services.alerts.kinds import FAILED_CHECK, KINDS
from core.services.checks.context import CheckContext, NewAlarm
from core.services.checks.run import Checked, check, newest_runs
from core.services.checks.sources import ALARM_SOURCES, FIGURE_SOURCES, AlarmSource, FigureSource

__all__ = [
    "ALARM_SOURCES",
    "FAILED_CHECK",
    "FIGURE_SOURCES",
    "KINDS",
    "AlarmSource",
    "CheckContext",
    "Checked",
    "FigureSource",
    "NewAlarm",
    "check",
    "newest_runs",
]
