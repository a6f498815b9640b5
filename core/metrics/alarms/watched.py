"""Which figures a model's month is watched by, and how they share its rate of false alarms.

A month is judged twice: when it is over, by its inputs and outputs; and when its outcomes have
come, by its results. The rates of both add up to the model-month's. Results are few figures, and
get as much for each of them as the many figures of a dozen columns.
"""

from collections.abc import Mapping

from core.metrics.alarms.family import Member
from core.metrics.alarms.series import Series

OF_NUMBERS = ("normal_score_shift", "jensen_shannon", "wasserstein", "missing_share")
OF_CATEGORIES = ("jensen_shannon", "unseen_share", "missing_share")
OF_RESULTS = ("roc_auc", "average_precision", "positive_rate", "calibration_gap", "brier")

RATE = 0.01
"""False alarms in a model-month: one model in a hundred raises one, if nothing changed."""

OF_DRIFT = 0.8
"""Share of the rate that inputs and outputs have; results have the rest."""

RESULTS_DRAWS = 3_999
"""A smaller rate needs more draws; results are few bins, so they are quick."""


def members_of(reference: Mapping[str, Series]) -> tuple[Member, ...]:
    """Return the figures that are watched of each series.

    Parameters
    ----------
    reference : mapping of str to Series
        Features, outputs or a score with its outcomes.
    """
    figures = {"numeric": OF_NUMBERS, "categorical": OF_CATEGORIES, "score": OF_RESULTS}
    return tuple(
        Member(name, figure)
        for name, series in reference.items()
        for figure in figures[series.kind]
    )


def drift_rate(rate: float = RATE) -> float:
    """Return the part of a model-month's rate that its inputs and outputs are judged at."""
    return round(rate * OF_DRIFT, 12)


def results_rate(rate: float = RATE) -> float:
    """Return the part of a model-month's rate that its results are judged at."""
    return round(rate * (1 - OF_DRIFT), 12)
