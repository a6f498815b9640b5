"""Influence: whether decisions by a score are worth more than others, and by how much.

All functions take sums of the values of rows, so nothing but sums leaves the lake.
"""

from core.metrics.influence.carried import Worth, carried_over, less, plus, worth_of
from core.metrics.influence.cut_offs import CutOffValues, cut_off_values
from core.metrics.influence.means_apart import welch
from core.metrics.influence.ranking import (
    ScoreGroups,
    score_groups,
    spearman,
    spearman_interval,
)
from core.metrics.influence.sums import (
    ValueSums,
    gain,
    gain_over_random,
    rows_apart,
    totals,
    value_of,
    value_sums,
)

__all__ = [
    "CutOffValues",
    "ScoreGroups",
    "ValueSums",
    "Worth",
    "carried_over",
    "cut_off_values",
    "gain",
    "gain_over_random",
    "less",
    "plus",
    "rows_apart",
    "score_groups",
    "spearman",
    "spearman_interval",
    "totals",
    "value_of",
    "value_sums",
    "welch",
    "worth_of",
]
