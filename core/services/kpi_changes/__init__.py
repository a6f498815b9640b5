"""Why a KPI changed: what each cause added between two periods, in figures and in a sentence."""

from core.services.kpi_changes.change import kpi_change
from core.services.kpi_changes.periods import LAST_YEAR, PREVIOUS, Periods
from core.services.kpi_changes.result import Contribution, KpiChange, Part, PlayerPart

__all__ = [
    "LAST_YEAR",
    "PREVIOUS",
    "Contribution",
    "KpiChange",
    "Part",
    "Periods",
    "PlayerPart",
    "kpi_change",
]
