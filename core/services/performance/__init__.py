"""Performance of a model: realised where labels are known, with how far they are."""

from core.services.performance.maturity import ChunkMaturity, MaturityState, MaturityWarning
from core.services.performance.measure import Performance, performance
from core.services.performance.rows import PerformanceRow

__all__ = [
    "ChunkMaturity",
    "MaturityState",
    "MaturityWarning",
    "Performance",
    "PerformanceRow",
    "performance",
]
