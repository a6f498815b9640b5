"""Business figures from sums over rows: values, how they change with each sum, and intervals."""

from core.metrics.kpi.formula import divisors, formula_degree, formula_gradient, formula_values
from core.metrics.kpi.intervals import delta_interval, share_interval
from core.metrics.kpi.order import QuantileFigure, quantile_figure
from core.metrics.kpi.plan import GROUPS, Summed, SumPlan, conjuncts, linear_atoms, plans_of
from core.metrics.kpi.shares import Share, plain_share

__all__ = [
    "GROUPS",
    "QuantileFigure",
    "Share",
    "SumPlan",
    "Summed",
    "conjuncts",
    "delta_interval",
    "divisors",
    "formula_degree",
    "formula_gradient",
    "formula_values",
    "linear_atoms",
    "plain_share",
    "plans_of",
    "quantile_figure",
    "share_interval",
]
