"""Business figures: the KPIs of a contract by period, segment, version and decider."""

from core.contract.kpi_definitions import KpiDefinition, Unavailable, kpi_definitions
from core.services.kpis.answer import KpiAnswer, KpiFigure, KpiMaturity, KpiSeries
from core.services.kpis.figures import kpi_figures
from core.services.kpis.judged import is_total
from core.services.kpis.rows import base_rows, definition_of, definitions_of, kpi_rows, rates_digest
from core.services.kpis.table import KpiRow, rows_of

__all__ = [
    "KpiAnswer",
    "KpiDefinition",
    "KpiFigure",
    "KpiMaturity",
    "KpiRow",
    "KpiSeries",
    "Unavailable",
    "base_rows",
    "definition_of",
    "definitions_of",
    "is_total",
    "kpi_definitions",
    "kpi_figures",
    "kpi_rows",
    "rates_digest",
    "rows_of",
]
