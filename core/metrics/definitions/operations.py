"""Operations metrics: whether the model is up, and how fast it answers."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_operations = partial(Metric, family="operations", applies_to=WHOLE_LOG, minimum_n=1)
_latency = partial(
    _operations,
    range=(0.0, float("inf")),
    unit="milliseconds",
    direction="lower_is_better",
    watch=None,
    act=None,
    source="Inverted distribution function, read off bins 5 % wide",
)

OPERATIONS: tuple[Metric, ...] = (
    _operations(
        id="volume",
        label=N_("Predictions"),
        meaning=N_("How many predictions were logged."),
        formula=N_("count of rows"),
        range=(0.0, float("inf")),
        unit="none",
        direction="neutral",
        watch=None,
        act=None,
        source="Count",
    ),
    _operations(
        id="error_rate",
        label=N_("Error rate"),
        meaning=N_("The share of requests that failed: 0 none, 1 all."),
        formula=N_("rows with status error / rows with a status"),
        range=(0.0, 1.0),
        unit="share",
        direction="lower_is_better",
        watch=0.01,
        act=0.05,
        minimum_n=100,
        source="Thresholds ours; a contract sets its own",
    ),
    _operations(
        id="availability",
        label=N_("Availability"),
        meaning=N_("The share of intervals with traffic in which the model answered: 1 all."),
        formula=N_("hours with at least one ok row / hours with at least one row"),
        range=(0.0, 1.0),
        unit="share",
        direction="higher_is_better",
        watch=0.995,
        act=0.99,
        source="Beyer et al., Site Reliability Engineering (2016), chapter 3; thresholds ours",
    ),
    *(
        _latency(
            id=f"latency_p{percent}", label=label, meaning=meaning, formula=formula, minimum_n=n
        )
        for percent, label, meaning, formula, n in (
            (
                50,
                N_("Median latency"),
                N_("Half of the answers took no longer."),
                N_("smallest latency that 50% of the rows do not exceed"),
                20,
            ),
            (
                95,
                N_("Latency, 95th percentile"),
                N_("19 of 20 answers took no longer."),
                N_("smallest latency that 95% of the rows do not exceed"),
                100,
            ),
            (
                99,
                N_("Latency, 99th percentile"),
                N_("99 of 100 answers took no longer."),
                N_("smallest latency that 99% of the rows do not exceed"),
                500,
            ),
        )
    ),
)
