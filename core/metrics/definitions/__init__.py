"""The registry's entries, one module per family."""

from core.metrics.definitions.confidence import CONFIDENCE
from core.metrics.definitions.drift import DRIFT
from core.metrics.definitions.fairness import FAIRNESS
from core.metrics.definitions.multivariate import MULTIVARIATE
from core.metrics.definitions.operations import OPERATIONS
from core.metrics.definitions.performance import PERFORMANCE
from core.metrics.definitions.quality import DATA_QUALITY
from core.metrics.definitions.value import VALUE

__all__ = [
    "CONFIDENCE",
    "DATA_QUALITY",
    "DRIFT",
    "FAIRNESS",
    "MULTIVARIATE",
    "OPERATIONS",
    "PERFORMANCE",
    "VALUE",
]
