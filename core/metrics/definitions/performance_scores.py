"""Realised performance of a score: how well it puts cases in order, and keeps its word."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_of_score = partial(
    Metric,
    family="performance",
    applies_to=WHOLE_LOG,
    range=(0.0, 1.0),
    unit="none",
    watch=None,
    act=None,
    minimum_n=100,
)

OF_SCORES: tuple[Metric, ...] = (
    _of_score(
        id="gini",
        label=N_("Gini coefficient"),
        meaning=N_("How well scores put cases in order: 0 is guessing, 1 perfect."),
        formula=N_("2 * area under the ROC curve - 1"),
        range=(-1.0, 1.0),
        direction="higher_is_better",
        source="Somers (1962); interval: Hanley and McNeil (1982)",
    ),
    _of_score(
        id="ks_of_score",
        label=N_("KS of the score"),
        meaning=N_(
            "The largest gap between the score's distributions of positive and negative cases: "
            "0 none, 1 no overlap."
        ),
        formula="max |F1(s) - F0(s)|",
        direction="higher_is_better",
        source="Smirnov (1939); interval: bootstrap, Efron and Tibshirani (1993)",
    ),
    _of_score(
        id="average_precision",
        label=N_("Average precision"),
        meaning=N_(
            "The precision, averaged over all levels of recall: the share of positives is "
            "guessing, 1 perfect."
        ),
        formula="sum((R_b - R_(b+1)) * P_b)",
        direction="higher_is_better",
        source="Manning et al. (2008), chapter 8; interval: bootstrap, Efron and Tibshirani (1993)",
    ),
    _of_score(
        id="brier_score",
        label=N_("Brier score"),
        meaning=N_(
            "The mean squared distance of score and outcome: 0 certain and right, 1 certain and "
            "wrong."
        ),
        formula="sum((s - y)^2) / n",
        direction="lower_is_better",
        source="Brier (1950)",
    ),
    _of_score(
        id="log_loss",
        label=N_("Log loss"),
        meaning=N_(
            "The mean surprise at the outcome: 0 certain and right, 0.69 a score of always 50%."
        ),
        formula="-sum(y * ln(s) + (1 - y) * ln(1 - s)) / n",
        range=(0.0, float("inf")),
        direction="lower_is_better",
        source="Good (1952)",
    ),
    _of_score(
        id="expected_calibration_error",
        label=N_("Expected calibration error"),
        meaning=N_(
            "How far scores and outcomes lie apart on average over ten groups of the score: 0 "
            "nowhere, 1 everywhere by 100%."
        ),
        formula=N_("sum(n_k / n * |outcome rate_k - mean score_k|)"),
        direction="lower_is_better",
        minimum_n=500,
        source="Naeini et al. (2015); interval: bootstrap, Bröcker and Smith (2007)",
    ),
)
