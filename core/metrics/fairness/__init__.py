"""Fairness: how groups of people fare beside each other."""

from core.metrics.fairness.groups import NOT_GIVEN, GroupCounts
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

__all__ = [
    "FOUR_FIFTHS",
    "NOT_GIVEN",
    "Compared",
    "GroupCounts",
    "calibration_gaps",
    "equalised_odds_difference",
    "false_positive_rates",
    "mean_scores",
    "precisions",
    "selection_rates",
    "true_positive_rates",
]
