"""Why a figure of many rows changed between two periods: what each cause adds, exactly."""

from core.metrics.decomposition.cells import LEVELS, Cells, Level
from core.metrics.decomposition.change import (
    CauseEffect,
    Decomposition,
    Effect,
    decompose,
)
from core.metrics.decomposition.figure import Figure, Ratio, Total
from core.metrics.decomposition.oaxaca import ThreeFold, three_fold
from core.metrics.decomposition.players import Cause, Player
from core.metrics.decomposition.shapley import shapley, shapley_weights

__all__ = [
    "LEVELS",
    "Cause",
    "CauseEffect",
    "Cells",
    "Decomposition",
    "Effect",
    "Figure",
    "Level",
    "Player",
    "Ratio",
    "ThreeFold",
    "Total",
    "decompose",
    "shapley",
    "shapley_weights",
    "three_fold",
]
