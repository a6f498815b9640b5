"""What holds for every metric computed from rows, whatever the rows.

Each is computed from rows that hypothesis draws: as they are, in another order, and every row
twice. The value lies in the range that the registry states, the order of rows changes nothing, and
a figure that is no total does not depend on how often the same rows are counted.

Figures of a log as a whole are drawn in ``tests/core/services/test_every_figure.py``; there stands
the check that no metric of the registry is in neither place.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.metrics.arrays import Floats
from core.metrics.binning import (
    BinnedCounts,
    CategoricalBins,
    NumericBins,
    categorical_bins_from_counts,
    count_rows,
    log_spaced_bins,
    numeric_bins_from_counts,
)
from core.metrics.confidence import Bounded, mean_entropy, mean_margin, near_share
from core.metrics.drift import evaluate
from core.metrics.fairness import (
    GroupCounts,
    calibration_gaps,
    equalised_odds_difference,
    largest_spread,
    mean_scores,
    precisions,
    selection_rates,
    true_positive_rates,
)
from core.metrics.fairness.rates import false_positive_rates
from core.metrics.intervals import Interval
from core.metrics.performance import (
    CellValues,
    Confusion,
    binary_figures,
    error_sums,
    regression_figures,
    score_counts,
)
from core.metrics.quality import quality_shares
from core.metrics.quantiles import quantile_from_counts
from core.metrics.registry import METRICS, family_members
from tests.core.metrics.fairness.people import counts_of

ROW = st.fixed_dictionaries(
    {
        "reference": st.integers(0, 9),
        "current": st.one_of(st.none(), st.integers(-2, 12)),
        "score": st.integers(0, 20).map(lambda twentieth: twentieth / 20),
        "happened": st.booleans(),
        "flagged": st.booleans(),
        "favourable": st.booleans(),
        "group": st.sampled_from(["a", "b", "c"]),
        "estimate": st.integers(-5, 60).map(float),
        "actual": st.integers(-5, 60).map(float),
        "latency": st.floats(0.5, 50_000),
    }
)
LOGS = st.lists(ROW, min_size=1, max_size=40).map(pd.DataFrame)
WORTH = CellValues(120.0, -30.0, -900.0, 4.0)

Figure = Callable[[pd.DataFrame], Floats]


def numeric_bins(rows: pd.DataFrame) -> NumericBins:
    values, counts = np.unique(rows["reference"].to_numpy(float), return_counts=True)
    return numeric_bins_from_counts(values, counts)


def categorical_bins(rows: pd.DataFrame) -> CategoricalBins:
    counts = rows["reference"].astype(str).value_counts()
    return categorical_bins_from_counts(list(counts.index), counts.to_numpy())


def drift(method: str) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        missing = rows["current"].isna().to_numpy()
        numbers = numeric_bins(rows)
        now = rows["current"].fillna(0.0)
        found = [
            evaluate(
                method,
                numbers,
                count_rows(numbers, rows["reference"].to_numpy(float)),
                count_rows(numbers, now.to_numpy(float), null=missing),
            ).value
        ]
        if "categorical" in METRICS[method].applies_to:
            names = categorical_bins(rows)
            then = count_rows(names, rows["reference"].astype(str).to_numpy(object))
            current = now.astype(int).astype(str).to_numpy(object)
            found.append(
                evaluate(method, names, then, count_rows(names, current, null=missing)).value
            )
        return np.asarray(found)

    return figure


def quality(part: str) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        missing = rows["current"].isna().to_numpy()
        now = rows["current"].fillna(0.0)
        numbers, names = numeric_bins(rows), categorical_bins(rows)
        sides = (
            (numbers, now.to_numpy(float)),
            (names, now.astype(int).astype(str).to_numpy(object)),
        )
        return np.asarray(
            [
                getattr(quality_shares(bins, count_rows(bins, values, null=missing)), part)
                for bins, values in sides
            ]
        )

    return figure


def confidence(name: str) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        scores = rows["score"].to_numpy(float)
        bins = numeric_bins_from_counts(*np.unique(scores, return_counts=True))
        found = CONFIDENCE[name](bins, count_rows(bins, scores))
        return np.asarray([found.value, found.lower, found.upper])

    return figure


def latency(share: float) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        bins = log_spaced_bins(0.1, 1e6)
        return quantile_from_counts(bins, count_rows(bins, rows["latency"].to_numpy()), share)

    return figure


def binary(name: str) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        said, came = rows["flagged"].to_numpy(bool), rows["happened"].to_numpy(bool)
        cells = Confusion.of(
            (said & came).sum(), (said & ~came).sum(), (~said & came).sum(), (~said & ~came).sum()
        )
        counts = score_counts(rows["score"].to_numpy(float), came.astype(float))
        found = binary_figures(counts, cells, values=WORTH)[name]
        return np.asarray([found.value, found.low, found.high])

    return figure


def regression(name: str) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        found = regression_figures(error_sums(rows["estimate"], rows["actual"]))[name]
        return np.asarray([found.value, found.low, found.high])

    return figure


def fairness(read: Callable[[GroupCounts], Any]) -> Figure:
    def figure(rows: pd.DataFrame) -> Floats:
        return np.asarray(read(counts_of(rows)), dtype=np.float64)

    return figure


def spread(figure: Callable[..., Interval]) -> Figure:
    def of_counts(counts: GroupCounts) -> float:
        return largest_spread(lambda level: figure(counts, confidence=level)).value

    return fairness(of_counts)


QUALITY = {
    "missing_share": "missing",
    "out_of_range_share": "out_of_range",
    "unseen_share": "unseen",
}
CONFIDENCE: Mapping[str, Callable[[NumericBins, BinnedCounts], Bounded]] = {
    "entropy": mean_entropy,
    "margin": mean_margin,
    "near_cut_off": lambda bins, counts: near_share(bins, counts, 0.5),
}
FIGURES: Mapping[str, Figure] = {
    **{name: confidence(name) for name in CONFIDENCE},
    **{entry.id: drift(entry.id) for entry in family_members("drift")},
    **{name: quality(part) for name, part in QUALITY.items()},
    **{f"latency_p{percent}": latency(percent / 100) for percent in (50, 95, 99)},
    **{
        name: binary(name)
        for name in (
            "roc_auc", "gini", "ks_of_score", "average_precision", "brier_score", "log_loss",
            "expected_calibration_error", "accuracy", "precision", "recall", "specificity", "f1",
            "business_value",
        )
    },
    **{name: regression(name) for name in ("mae", "mse", "rmse", "mape", "wape", "rmsle", "bias")},
    "selection_rate_ratio": fairness(lambda c: selection_rates(c).ratio.value),
    "selection_rate": fairness(lambda c: selection_rates(c).rate.value),
    "equal_opportunity_difference": fairness(lambda c: true_positive_rates(c).largest_difference),
    "true_favourable_rate": fairness(lambda c: true_positive_rates(c.turned()).rate.value),
    "equalised_odds_difference": fairness(equalised_odds_difference),
    "false_favourable_rate": fairness(lambda c: false_positive_rates(c.turned()).rate.value),
    "predictive_parity_difference": fairness(lambda c: precisions(c).largest_difference),
    "favourable_precision": fairness(lambda c: precisions(c.turned()).rate.value),
    "calibration_gap_difference": spread(calibration_gaps),
    "calibration_gap": fairness(lambda c: calibration_gaps(c).value),
    "mean_score_difference": spread(mean_scores),
}  # fmt: skip
TOTALS = {"business_value", "psi", "normal_score_shift"}
"""Figures that grow with the rows: money in total; psi, whose pseudo-counts weigh less then; and
normal scores, whose outermost ranks lie further out among more rows."""

WITHIN = {"latency_p50": 0.05, "latency_p95": 0.05, "latency_p99": 0.05}
"""Relative error that a figure states of itself, where it is not exact: one bin of latencies."""


@pytest.mark.parametrize("name", FIGURES)
@given(rows=LOGS, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_range_order_and_scale(name: str, rows: pd.DataFrame, seed: int) -> None:
    once = np.atleast_1d(FIGURES[name](rows))
    low, high = METRICS[name].range
    known = once[~np.isnan(once)]
    assert np.all((known >= low - 1e-12) & (known <= high + 1e-12)), once

    order = np.random.default_rng(seed).permutation(len(rows))
    other = np.atleast_1d(FIGURES[name](rows.iloc[order].reset_index(drop=True)))
    np.testing.assert_allclose(other, once, rtol=1e-9, atol=1e-9)

    if name in TOTALS:
        return
    twice = np.atleast_1d(FIGURES[name](pd.concat([rows, rows], ignore_index=True)))
    if METRICS[name].family == "performance":
        once, twice = once[:1], twice[:1]  # limits narrow with the rows
    np.testing.assert_allclose(twice, once, rtol=WITHIN.get(name, 1e-9), atol=1e-9)
