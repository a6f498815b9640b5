"""How a model uses its fields as a whole: importance, partial dependence and interactions."""

from core.metrics.global_view.association import Association, Measure
from core.metrics.global_view.dependence import Dependence, Point
from core.metrics.global_view.importance import Importance, importance
from core.metrics.global_view.interaction import Interaction

__all__ = [
    "Association",
    "Dependence",
    "Importance",
    "Interaction",
    "Measure",
    "Point",
    "importance",
]
