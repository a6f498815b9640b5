"""Realised performance of predictions at their cut-off: what the confusion matrix says."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_of_cells = partial(
    Metric,
    family="performance",
    applies_to=WHOLE_LOG,
    range=(0.0, 1.0),
    unit="share",
    direction="higher_is_better",
    watch=None,
    act=None,
    minimum_n=30,
    source="Interval: Wilson (1927)",
)

OF_CELLS: tuple[Metric, ...] = (
    _of_cells(
        id="accuracy",
        label=N_("Accuracy"),
        meaning=N_("The share of cases that were predicted right: 1 all."),
        formula="(TP + TN) / n",
    ),
    _of_cells(
        id="precision",
        label=N_("Precision"),
        meaning=N_("The share of cases predicted positive that were positive: 1 all."),
        formula="TP / (TP + FP)",
    ),
    _of_cells(
        id="recall",
        label=N_("Recall"),
        meaning=N_("The share of positive cases that were predicted positive: 1 all."),
        formula="TP / (TP + FN)",
    ),
    _of_cells(
        id="specificity",
        label=N_("Specificity"),
        meaning=N_("The share of negative cases that were predicted negative: 1 all."),
        formula="TN / (TN + FP)",
    ),
    _of_cells(
        id="f1",
        label=N_("F1 score"),
        meaning=N_(
            "The harmonic mean of precision and recall: 0 no hit, 1 all found and no false alarm."
        ),
        formula="2 * TP / (2 * TP + FP + FN)",
        unit="none",
        source="Van Rijsbergen (1979); interval from Wilson's (1927) of TP / (TP + FP + FN)",
    ),
    _of_cells(
        id="business_value",
        label=N_("Business value"),
        meaning=N_(
            "What the predictions were worth, each at the value its model puts on a right or a "
            "wrong one; below 0 they cost more than they brought."
        ),
        formula="v_TP * TP + v_FP * FP + v_FN * FN + v_TN * TN",
        range=(-float("inf"), float("inf")),
        unit="money",
        minimum_n=100,
        source="Elkan (2001); interval: normal, of a mean",
    ),
)
