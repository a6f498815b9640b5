"""Fairness: how groups of people fare beside each other."""

from core.metrics.fairness.groups import GroupCounts
from core.metrics.fairness.rates import (
    FOUR_FIFTHS,
    Compared,
    calibration_gaps,
    equalised_odds_difference,
    false_positive_rates,
    mean_scores,
    precisions,
    selection_rates,
    true_positive_rates,
)
from core.metrics.fairness.ratio import koopman
from core.metrics.fairness.simultaneous import pairwise_confidence
from core.metrics.fairness.spread import Spread, largest_spread
from core.metrics.fairness.stability import Stability, ratio_stability
from core.metrics.fairness.suppression import shown_cells, shown_groups

__all__ = [
    "FOUR_FIFTHS",
    "Compared",
    "GroupCounts",
    "Spread",
    "Stability",
    "calibration_gaps",
    "equalised_odds_difference",
    "false_positive_rates",
    "koopman",
    "largest_spread",
    "mean_scores",
    "pairwise_confidence",
    "precisions",
    "ratio_stability",
    "selection_rates",
    "shown_cells",
    "shown_groups",
    "true_positive_rates",
]
