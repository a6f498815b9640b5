"""Performance of a model: realised where labels are known, with how far they are."""

from core.services.performance.estimate import Estimated, Estimates, estimates_beside
from core.services.performance.maturity import ChunkMaturity, MaturityState, MaturityWarning
from core.services.performance.measure import Performance, performance
from core.services.performance.rows import PerformanceRow

__all__ = [
    "ChunkMaturity",
    "Estimated",
    "Estimates",
    "MaturityState",
    "MaturityWarning",
    "Performance",
    "PerformanceRow",
    "estimates_beside",
    "performance",
]
