"""Fairness: how groups of people fare beside each other."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_OURS = "thresholds ours, a contract sets its own"
# Two groups of thirty: the fewest that are compared.
_BOTH_GROUPS = 60

_rate = partial(
    Metric,
    family="fairness",
    applies_to=WHOLE_LOG,
    range=(0.0, 1.0),
    unit="share",
    direction="neutral",
    watch=None,
    act=None,
    minimum_n=30,
)
_difference = partial(
    Metric,
    family="fairness",
    applies_to=WHOLE_LOG,
    range=(0.0, 1.0),
    unit="none",
    direction="lower_is_better",
    watch=0.1,
    act=0.2,
    minimum_n=_BOTH_GROUPS,
)

FAIRNESS: tuple[Metric, ...] = (
    Metric(
        id="selection_rate_ratio",
        label=N_("Selection rate ratio"),
        meaning=N_(
            "1 means that the group that fares worst gets favourable decisions as often as the one "
            "that fares best; below 0.8 is less than four fifths."
        ),
        family="fairness",
        applies_to=WHOLE_LOG,
        formula=N_("lowest favourable rate of a group / highest"),
        range=(0.0, 1.0),
        unit="none",
        direction="higher_is_better",
        watch=0.9,
        act=0.8,
        minimum_n=_BOTH_GROUPS,
        source=(
            "29 CFR 1607.4 D (1978), a rule of thumb; interval: Koopman (1984), for all pairs of "
            "groups together: Tukey and Kramer (1956)"
        ),
    ),
    _rate(
        id="selection_rate",
        label=N_("Favourable rate"),
        meaning=N_("The share of a group's decisions that were the one people hope for."),
        formula=N_("favourable decisions / decisions"),
        source="Interval: Wilson (1927)",
    ),
    _difference(
        id="equal_opportunity_difference",
        label=N_("Equal opportunity difference"),
        meaning=N_(
            "0 means that people with a good outcome were predicted so equally often in every "
            "group."
        ),
        formula=N_("largest true favourable rate of a group - smallest"),
        source=f"Hardt, Price and Srebro (2016); {_OURS}",
    ),
    _rate(
        id="true_favourable_rate",
        label=N_("True favourable rate"),
        meaning=N_("Of the people whose outcome was the good one, the share predicted so."),
        formula=N_("predicted and turned out well / turned out well"),
        source="Interval: Wilson (1927)",
    ),
    _difference(
        id="equalised_odds_difference",
        label=N_("Equalised odds difference"),
        meaning=N_(
            "0 means that the model is right, and wrong, equally often in every group, whatever "
            "the outcome."
        ),
        formula=N_("max of the differences of true and of false favourable rates"),
        source=f"Hardt, Price and Srebro (2016); {_OURS}",
    ),
    _rate(
        id="false_favourable_rate",
        label=N_("False favourable rate"),
        meaning=N_("Of the people whose outcome was the bad one, the share predicted well."),
        formula=N_("predicted well, turned out badly / turned out badly"),
        source="Interval: Wilson (1927)",
    ),
    _difference(
        id="predictive_parity_difference",
        label=N_("Predictive parity difference"),
        meaning=N_("0 means that a good prediction comes true equally often in every group."),
        formula=N_("largest precision of favourable predictions of a group - smallest"),
        source=f"Chouldechova (2017); {_OURS}",
    ),
    _rate(
        id="favourable_precision",
        label=N_("Favourable predictions that came true"),
        meaning=N_("Of the people predicted well, the share whose outcome was the good one."),
        formula=N_("predicted and turned out well / predicted well"),
        source="Interval: Wilson (1927)",
    ),
    Metric(
        id="calibration_gap_difference",
        label=N_("Calibration difference"),
        meaning=N_("0 means that scores are equally too high or too low in every group."),
        family="fairness",
        applies_to=WHOLE_LOG,
        formula=N_("largest calibration gap of a group - smallest"),
        range=(0.0, 2.0),
        unit="none",
        direction="lower_is_better",
        watch=0.05,
        act=0.1,
        minimum_n=_BOTH_GROUPS,
        source=f"Interval: Newcombe (1998), method 10, for all pairs of groups together; {_OURS}",
    ),
    Metric(
        id="calibration_gap",
        label=N_("Calibration gap"),
        meaning=N_("Above 0, more happened in the group than its scores said."),
        family="fairness",
        applies_to=WHOLE_LOG,
        formula=N_("observed outcome rate - mean score of the same matured rows"),
        range=(-1.0, 1.0),
        unit="none",
        direction="neutral",
        watch=None,
        act=None,
        minimum_n=30,
        source="Interval: Wilson (1927), moved by the mean score",
    ),
    Metric(
        id="mean_score_difference",
        label=N_("Mean score difference"),
        meaning=N_("How far the highest average score of a group lies above the lowest."),
        family="fairness",
        applies_to=WHOLE_LOG,
        formula=N_("largest mean score of a group - smallest"),
        range=(0.0, float("inf")),
        unit="none",
        direction="neutral",
        watch=None,
        act=None,
        minimum_n=_BOTH_GROUPS,
        source="Interval: Newcombe (1998), method 10",
    ),
)
