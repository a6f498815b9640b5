"""How a model uses its fields as a whole: importance, partial dependence and interactions."""

from core.metrics.global_view.association import Association, Measure, associations
from core.metrics.global_view.dependence import Dependence, dependence
from core.metrics.global_view.grid import FEWEST, Grid, Point, category_grid, number_grid
from core.metrics.global_view.importance import Importance, importance
from core.metrics.global_view.interaction import Interaction, interactions

__all__ = [
    "FEWEST",
    "Association",
    "Dependence",
    "Grid",
    "Importance",
    "Interaction",
    "Measure",
    "Point",
    "associations",
    "category_grid",
    "dependence",
    "importance",
    "interactions",
    "number_grid",
]
