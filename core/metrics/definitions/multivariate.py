"""Metrics of all inputs together, measured on samples of rows."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_whole = partial(Metric, family="multivariate", applies_to=WHOLE_LOG, unit="none", minimum_n=100)

MULTIVARIATE: tuple[Metric, ...] = (
    _whole(
        id="pca_reconstruction_error",
        label=N_("Reconstruction error"),
        meaning=N_(
            "How far rows lie from what the reference's main directions make of them, in its "
            "standard deviations: 0 means that these describe every row."
        ),
        formula=N_("mean(|z - V'Vz|), z standardised, V the directions with 65% of the variance"),
        range=(0.0, float("inf")),
        direction="neutral",
        watch=None,
        act=None,
        source="NannyML's data reconstruction with PCA; limits by ten blocks out of sample ours",
    ),
    _whole(
        id="domain_classifier_auc",
        label=N_("Domain classifier"),
        meaning=N_(
            "How often a classifier ranks a row of the period above one of the reference: 0.5 is "
            "guessing, 1 means that all are told apart."
        ),
        formula=N_("area under the ROC curve of held-out rows, mean of five folds"),
        range=(0.0, 1.0),
        direction="lower_is_better",
        watch=0.55,
        act=0.65,
        source="Lopez-Paz and Oquab (2017); 0.55 as in Evidently, 0.65 as in NannyML",
    ),
)
