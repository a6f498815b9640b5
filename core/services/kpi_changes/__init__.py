"""Why a KPI changed: what each cause added between two periods, in figures and in a sentence."""

from core.services.kpi_changes.change import kpi_change
from core.services.kpi_changes.periods import LAST_YEAR, PREVIOUS, Periods
from core.services.kpi_changes.result import Contribution, KpiChange, Part, PlayerPart
from core.services.kpi_changes.rows import ChangeRow, rows_of_change

__all__ = [
    "LAST_YEAR",
    "PREVIOUS",
    "ChangeRow",
    "Contribution",
    "KpiChange",
    "Part",
    "Periods",
    "PlayerPart",
    "kpi_change",
    "rows_of_change",
]
