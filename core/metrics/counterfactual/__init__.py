"""Counterfactuals: which small change of what a person can change gives another result."""

from core.metrics.counterfactual.background import Background, fit_background
from core.metrics.counterfactual.found import Counterfactual, FieldChange, Found, Goal, Nothing
from core.metrics.counterfactual.levers import Lever, Reach, Stuck, levers_of
from core.metrics.counterfactual.search import find
from core.metrics.counterfactual.trials import Score

__all__ = [
    "Background",
    "Counterfactual",
    "FieldChange",
    "Found",
    "Goal",
    "Lever",
    "Nothing",
    "Reach",
    "Score",
    "Stuck",
    "find",
    "fit_background",
    "levers_of",
]
