"""Value: what decisions by a score are worth beside other ways to decide."""

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

VALUE: tuple[Metric, ...] = (
    Metric(
        id="value_over_baseline",
        label=N_("Value over the baseline"),
        meaning=N_(
            "What the model's decisions earned more than the baseline of the contract would have: "
            "0 is a model that does not matter, below 0 one that does harm."
        ),
        family="value",
        applies_to=WHOLE_LOG,
        formula=N_(
            "sum((w - v) (a - b)); w, v = 1 if the model, the baseline flags; a, b = value if "
            "flagged, if not"
        ),
        range=(-float("inf"), float("inf")),
        unit="money",
        direction="higher_is_better",
        watch=None,
        act=None,
        minimum_n=30,
        source="Interval: normal, of n paired differences; over random flags: influence function"
        " of a covariance",
    ),
    Metric(
        id="score_rank_correlation",
        label=N_("Rank correlation of score and outcome"),
        meaning=N_(
            "Whether higher scores go with more positive outcomes: 0 the score says nothing of the "
            "order, below 0 it is upside down."
        ),
        family="value",
        applies_to=WHOLE_LOG,
        formula=N_(
            "cov(rank of score, outcome) / (sd(rank) sd(outcome)), equal scores at their middle "
            "rank"
        ),
        range=(-1.0, 1.0),
        unit="none",
        direction="higher_is_better",
        watch=None,
        act=None,
        minimum_n=30,
        source="Spearman (1904); interval: bootstrap of the rows",
    ),
)
