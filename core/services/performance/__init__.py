"""Performance of a model: realised where labels are known, with how far they are."""

from core.services.performance.beside import BLIND, CoverageRow, coverage_rows, rows_beside
from core.services.performance.beyond_chance import JudgedResults, judged_results
from core.services.performance.curves import Curves, curves
from core.services.performance.estimate import Estimated, Estimates, estimates_beside
from core.services.performance.maturity import ChunkMaturity, MaturityState, MaturityWarning
from core.services.performance.measure import Performance, performance
from core.services.performance.rows import PerformanceRow
from core.services.performance.tables import csv_table

__all__ = [
    "BLIND",
    "ChunkMaturity",
    "CoverageRow",
    "Curves",
    "Estimated",
    "Estimates",
    "JudgedResults",
    "MaturityState",
    "MaturityWarning",
    "Performance",
    "PerformanceRow",
    "coverage_rows",
    "csv_table",
    "curves",
    "estimates_beside",
    "judged_results",
    "performance",
    "rows_beside",
]
