"""How sure a model is of its scores; whether it is right, only outcomes tell."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import WHOLE_LOG, Metric

_of_score = partial(
    Metric,
    family="confidence",
    applies_to=WHOLE_LOG,
    range=(0.0, 1.0),
    direction="neutral",
    watch=None,
    act=None,
    minimum_n=100,
)

CONFIDENCE: tuple[Metric, ...] = (
    _of_score(
        id="entropy",
        label=N_("Entropy (bits)"),
        meaning=N_("How unsure scores are on average: 0 certain, 1 an even chance."),
        formula=N_("mean of -s * log2(s) - (1 - s) * log2(1 - s)"),
        unit="none",
        source="Shannon (1948)",
    ),
    _of_score(
        id="margin",
        label=N_("Margin"),
        meaning=N_(
            "How much likelier the likelier outcome is on average: 0 an even chance, 1 certain."
        ),
        formula=N_("mean of |2 * s - 1|"),
        unit="none",
        source="Scheffer et al. (2001), for two classes",
    ),
    _of_score(
        id="near_cut_off",
        label=N_("Share near the cut-off"),
        meaning=N_(
            "The share of scores that a little more or less would carry over the cut-off: 0 none, "
            "1 all."
        ),
        formula=N_("rows with |s - cut-off| <= band / rows with a score"),
        unit="share",
        source="Ours; the band is a fifth of the way from the cut-off to 0 or 1, the nearer one",
    ),
)
