"""Fairness against fairlearn."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.fairness import (
    GroupCounts,
    calibration_gaps,
    equalised_odds_difference,
    false_positive_rates,
    mean_scores,
    precisions,
    selection_rates,
    true_positive_rates,
)
from core.services.fairness import summaries as told
from tests.conformance.cases import people
from tests.conformance.measure import Comparison, Pair, pairs
from tests.conformance.peers import peer
from tests.core.metrics.fairness.people import counts_of
from tests.support.builders import a_contract

GOOD = "the label's absence is the good outcome on both sides"
Frame = pd.DataFrame
Figures = Callable[[GroupCounts], Any]


def groups() -> Iterator[Comparison]:
    """Yield the comparisons of fairness."""
    fair, precision = peer("fairlearn.metrics"), peer("sklearn.metrics").precision_score

    def between(name: str, metric: str, ours: Figures, convention: str = GOOD) -> Comparison:
        function = getattr(fair, name)

        def theirs(rows: Frame) -> float:
            sides = (~rows["happened"], ~rows["flagged"])
            return float(function(*sides, sensitive_features=rows["group"]))

        return Comparison(metric, "between groups", f"fairlearn {name}", convention, tuple(
            pair for case, rows in people().items()
            for pair in pairs([(case, ours(counts_of(rows).turned()), theirs(rows))])
        ))  # fmt: skip

    yield Comparison(
        "selection_rate_ratio", "lowest over highest", "fairlearn demographic_parity_ratio",
        "of the favourable decisions", pairs(
            (case, selection_rates(counts_of(rows)).smallest_ratio,
             fair.demographic_parity_ratio(
                 rows["favourable"], rows["favourable"], sensitive_features=rows["group"]))
            for case, rows in people().items()
        ),
    )  # fmt: skip
    yield _each("selection_rate", "fairlearn selection_rate", fair.selection_rate,
                lambda found: selection_rates(found).rate.value, "of the favourable decisions",
                truth="favourable", said="favourable", turned=False)  # fmt: skip
    yield between("equal_opportunity_difference", "equal_opportunity_difference",
                  lambda found: true_positive_rates(found).largest_difference)  # fmt: skip
    yield _each("true_favourable_rate", "fairlearn true_positive_rate", fair.true_positive_rate,
                lambda found: true_positive_rates(found).rate.value)  # fmt: skip
    yield between("equalized_odds_difference", "equalised_odds_difference",
                  equalised_odds_difference)  # fmt: skip
    yield _each("false_favourable_rate", "fairlearn false_positive_rate", fair.false_positive_rate,
                lambda found: false_positive_rates(found).rate.value)  # fmt: skip
    yield _parity(precision)
    yield _each("favourable_precision", "fairlearn MetricFrame of scikit-learn precision_score",
                precision, lambda found: precisions(found).rate.value)  # fmt: skip
    yield from _of_scores()


def _value(ours: Figures, counts: GroupCounts) -> Any:
    return ours(counts).value


def _frame(metric: object, truth: pd.Series, said: pd.Series, group: pd.Series) -> Any:
    return peer("fairlearn.metrics").MetricFrame(
        metrics=metric, y_true=truth, y_pred=said, sensitive_features=group
    )


def _each(
    metric: str, name: str, theirs: object, ours: Figures, convention: str = GOOD, *,
    truth: str = "happened", said: str = "flagged", turned: bool = True,
) -> Comparison:  # fmt: skip
    found: list[Pair] = []
    for case, rows in people().items():
        counts = counts_of(rows)
        came, told = (~rows[name] if turned else rows[name] for name in (truth, said))
        by_group = _frame(theirs, came, told, rows["group"]).by_group.astype(float)
        mine = ours(counts.turned() if turned else counts)
        found += pairs(
            (f"{case}: {group}", value, by_group[group])
            for group, value in zip(counts.groups, mine, strict=True)
        )
    return Comparison(metric, "of each group", name, convention, tuple(found))


def _parity(precision: object) -> Comparison:
    return Comparison(
        "predictive_parity_difference", "between groups",
        "fairlearn MetricFrame of scikit-learn precision_score, difference", GOOD,
        pairs(
            (case, precisions(counts_of(rows).turned()).largest_difference,
             _frame(precision, ~rows["happened"], ~rows["flagged"], rows["group"]).difference())
            for case, rows in people().items()
        ),
    )  # fmt: skip


def _of_scores() -> Iterator[Comparison]:
    mean = peer("fairlearn.metrics").mean_prediction

    def gap(truth: Any, said: Any) -> float:
        return float(np.mean(truth) - mean(truth, said))

    for one, spread, theirs, ours, name in (
        ("mean_score", "mean_score_difference", mean, mean_scores, "mean_prediction"),
        ("calibration_gap", "calibration_gap_difference", gap, calibration_gaps,
         "MetricFrame of the outcome rate less mean_prediction"),
    ):  # fmt: skip
        yield _each(one, f"fairlearn {name}", theirs, partial(_value, ours),
                    "", truth="happened", said="score", turned=False)  # fmt: skip
        yield Comparison(
            spread, "largest less smallest", f"fairlearn {name}, difference", "", pairs(
                (case, _summary(counts_of(rows), spread),
                 _frame(theirs, rows["happened"], rows["score"], rows["group"]).difference())
                for case, rows in people().items()
            ),
        )  # fmt: skip


def _summary(counts: GroupCounts, metric: str) -> float:
    """Return a figure of an attribute as the page has it."""
    judging = told.Judging(a_contract(), 1, event_is_favourable=False)
    return told.summaries(told.Figures(counts, judging))[metric].value
