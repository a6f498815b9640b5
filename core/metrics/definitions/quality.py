"""Data quality metrics: whether the rows can be used as they are."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import ANY_FEATURE, CATEGORICAL, NUMERIC, WHOLE_LOG, Metric

_share = partial(
    Metric,
    family="data_quality",
    range=(0.0, 1.0),
    unit="share",
    direction="lower_is_better",
    minimum_n=100,
    source="Thresholds ours; a contract sets its own",
)

DATA_QUALITY: tuple[Metric, ...] = (
    _share(
        id="missing_share",
        label=N_("Missing"),
        meaning=N_("The share of rows without a value: 0 none, 1 all."),
        applies_to=ANY_FEATURE,
        formula=N_("(NULL + NaN) / rows"),
        watch=0.05,
        act=0.2,
    ),
    _share(
        id="out_of_range_share",
        label=N_("Out of range"),
        meaning=N_("The share of values below or above everything in the reference."),
        applies_to=NUMERIC,
        formula=N_("(below the smallest + above the largest reference value) / rows with a value"),
        watch=0.01,
        act=0.05,
    ),
    _share(
        id="unseen_share",
        label=N_("Unseen category"),
        meaning=N_("The share of values that the reference does not have."),
        applies_to=CATEGORICAL,
        formula=N_("rows with a category unknown to the reference / rows with a value"),
        watch=0.01,
        act=0.05,
    ),
    _share(
        id="type_error_share",
        label=N_("Type errors"),
        meaning=N_("The share of rows set aside because a value could not be read as its type."),
        applies_to=WHOLE_LOG,
        formula=N_("rows quarantined for their type / rows read"),
        watch=0.001,
        act=0.01,
    ),
    _share(
        id="duplicate_share",
        label=N_("Duplicates"),
        meaning=N_("The share of rows whose prediction id was there before."),
        applies_to=WHOLE_LOG,
        formula=N_("(rows skipped as repeats + rows quarantined as contradicting) / rows read"),
        watch=0.001,
        act=0.01,
    ),
    Metric(
        id="freshness",
        label=N_("Freshness"),
        meaning=N_(
            "Hours from the newest logged prediction to the as-of time, or without one to the "
            "newest prediction or decision logged."
        ),
        family="data_quality",
        applies_to=WHOLE_LOG,
        formula=N_("as-of time - time of the newest prediction"),
        range=(0.0, float("inf")),
        unit="hours",
        direction="lower_is_better",
        watch=36.0,
        act=72.0,
        minimum_n=1,
        source="A daily log that is half a day, or two days, late; a contract sets its own",
    ),
)
