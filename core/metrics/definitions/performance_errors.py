"""Realised performance of a regression: how far estimates lie from what came."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_of_errors = partial(
    Metric,
    family="performance",
    applies_to=WHOLE_LOG,
    range=(0.0, float("inf")),
    unit="own",
    direction="lower_is_better",
    watch=None,
    act=None,
    minimum_n=30,
    source="Interval: normal, of a mean",
)

OF_ERRORS: tuple[Metric, ...] = (
    _of_errors(
        id="mae",
        label=N_("Mean absolute error"),
        meaning=N_("How far estimates lie from what came on average: 0 no error."),
        formula=N_("sum(|e|) / n, e = estimate - actual"),
    ),
    _of_errors(
        id="mse",
        label=N_("Mean squared error"),
        meaning=N_("The mean of the squared errors, in which large ones weigh most: 0 no error."),
        formula=N_("sum(e^2) / n, e = estimate - actual"),
        unit="own_squared",
        minimum_n=100,
    ),
    _of_errors(
        id="rmse",
        label=N_("Root mean squared error"),
        meaning=N_("The typical error, in which large ones weigh most: 0 no error."),
        formula=N_("sqrt(sum(e^2) / n), e = estimate - actual"),
        minimum_n=100,
        source="Interval: roots of the normal one of the mean squared error",
    ),
    _of_errors(
        id="mape",
        label=N_("Mean absolute percentage error"),
        meaning=N_("The mean error as a share of what came: 0 no error, 1 as large as it."),
        formula=N_("sum(|e / actual|) / n, over rows whose actual is not 0"),
        unit="relative",
    ),
    _of_errors(
        id="wape",
        label=N_("Weighted absolute percentage error"),
        meaning=N_("All errors as a share of all that came: 0 no error, 1 as large as it."),
        formula=N_("sum(|e|) / sum(|actual|)"),
        unit="relative",
        source="Interval: delta method for a ratio, Cochran (1977), section 6.4",
    ),
    _of_errors(
        id="rmsle",
        label=N_("Root mean squared log error"),
        meaning=N_("The typical error of the logarithms: 0 no error, 0.1 about 10%."),
        formula=N_("sqrt(sum((ln(1 + estimate) - ln(1 + actual))^2) / n)"),
        unit="none",
        minimum_n=100,
        source="Interval: roots of the normal one of the mean",
    ),
    _of_errors(
        id="bias",
        label=N_("Bias"),
        meaning=N_("The mean error: above 0 estimates are too high, below 0 too low."),
        formula=N_("sum(e) / n, e = estimate - actual"),
        range=(-float("inf"), float("inf")),
        direction="neutral",
    ),
)
