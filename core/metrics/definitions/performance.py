"""Realised performance: what the outcomes say, once they are known."""

from functools import partial

from core.i18n import N_
from core.metrics.definitions.performance_cells import OF_CELLS
from core.metrics.definitions.performance_errors import OF_ERRORS
from core.metrics.definitions.performance_scores import OF_SCORES
from core.metrics.metric import WHOLE_LOG, Metric

_realised = partial(
    Metric, family="performance", applies_to=WHOLE_LOG, range=(0.0, 1.0), watch=None, act=None
)

PERFORMANCE: tuple[Metric, ...] = (
    _realised(
        id="outcome_rate",
        label=N_("Observed outcome rate"),
        meaning=N_("The share of matured predictions whose outcome was positive."),
        formula=N_("matured rows with a positive outcome / matured rows"),
        unit="share",
        direction="neutral",
        minimum_n=30,
        source="Interval: Wilson (1927)",
    ),
    _realised(
        id="mean_score",
        label=N_("Mean score"),
        meaning=N_("The average score; for a calibrated model, the outcome rate it expects."),
        formula=N_("sum of scores / rows with a score"),
        unit="share",
        direction="neutral",
        minimum_n=30,
        source="Arithmetic mean",
    ),
    Metric(
        id="outcome_to_score_ratio",
        label=N_("Outcomes per expected outcome"),
        meaning=N_("1 means as many positive outcomes as the scores expected, 2 twice as many."),
        family="performance",
        applies_to=WHOLE_LOG,
        formula=N_("observed outcome rate / mean score of the same matured rows"),
        range=(0.0, float("inf")),
        unit="none",
        direction="lower_is_better",
        watch=1.25,
        act=2.0,
        minimum_n=100,
        source="Observed-to-expected ratio; thresholds ours, a contract sets its own",
    ),
    _realised(
        id="roc_auc",
        label=N_("Area under the ROC curve"),
        meaning=N_(
            "How often a positive case scores higher than a negative one: 0.5 is guessing, "
            "1 perfect."
        ),
        formula=N_("P(score of a positive > score of a negative) + P(equal) / 2"),
        unit="none",
        direction="higher_is_better",
        minimum_n=100,
        source="Hanley and McNeil (1982); interval from raw scores: DeLong et al. (1988)",
    ),
    *OF_SCORES,
    *OF_CELLS,
    *OF_ERRORS,
    _realised(
        id="label_maturity",
        label=N_("Label maturity"),
        meaning=N_("The share of predictions old enough for their outcome to be known."),
        formula=N_("rows older than the maturity period / rows"),
        unit="share",
        direction="neutral",
        minimum_n=1,
        source="Maturity period: `outcome.matures_after` of the contract",
    ),
)
