"""Drift: how far the current data are from the reference.

The distance functions take counts and nothing else. :func:`evaluate` picks the bins that each
method needs, applies the thresholds and says why a figure could not be computed.
"""

from core.metrics.drift.chi2 import ChiSquare, chi2
from core.metrics.drift.contributions import (
    Contribution,
    Move,
    contributions,
    largest_move,
)
from core.metrics.drift.cumulative import CumulativeShares, cumulative_shares
from core.metrics.drift.evaluate import REASONS, DriftResult, Reason, evaluate
from core.metrics.drift.evaluate_each import evaluate_each
from core.metrics.drift.groups import Group, GroupKind
from core.metrics.drift.hellinger import hellinger
from core.metrics.drift.jensen_shannon import jensen_shannon
from core.metrics.drift.kolmogorov_smirnov import (
    KolmogorovSmirnov,
    kolmogorov_smirnov,
    kolmogorov_smirnov_exact,
)
from core.metrics.drift.normal_scores import normal_score_shift
from core.metrics.drift.psi import psi
from core.metrics.drift.standardised import standardised
from core.metrics.drift.total_variation import l_infinity, total_variation
from core.metrics.drift.wasserstein import wasserstein, wasserstein_exact

__all__ = [
    "REASONS",
    "ChiSquare",
    "Contribution",
    "CumulativeShares",
    "DriftResult",
    "Group",
    "GroupKind",
    "KolmogorovSmirnov",
    "Move",
    "Reason",
    "chi2",
    "contributions",
    "cumulative_shares",
    "evaluate",
    "evaluate_each",
    "hellinger",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "kolmogorov_smirnov_exact",
    "l_infinity",
    "largest_move",
    "normal_score_shift",
    "psi",
    "standardised",
    "total_variation",
    "wasserstein",
    "wasserstein_exact",
]
