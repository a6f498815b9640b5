"""What bins can hide: the stated bounds hold for any scores within the bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from core.metrics.performance import (
    average_precision,
    binning_bounds,
    gini,
    kolmogorov_smirnov_of_score,
    roc_auc_from_counts,
    score_counts,
)
from tests.core.metrics.performance.rows import BOTH, Rows, binned, simulated


def ranked(rows: Rows, bins: int) -> dict[str, float]:
    counts = binned(*rows, bins=bins) if bins else score_counts(*rows)
    area = roc_auc_from_counts(counts.positives, counts.negatives)
    return {
        "roc_auc": float(area.value),
        "gini": float(gini(area).value),
        "average_precision": float(average_precision(counts.positives, counts.negatives)),
        "ks_of_score": float(kolmogorov_smirnov_of_score(counts.positives, counts.negatives)),
    }


@settings(deadline=None)
@given(rows=BOTH, bins=st.integers(1, 8))
def test_the_exact_figures_lie_within_the_bounds(rows: Rows, bins: int) -> None:
    exact, found = ranked(rows, 0), ranked(rows, bins)
    for name, bound in binning_bounds(binned(*rows, bins=bins)).items():
        assert abs(exact[name] - found[name]) <= bound + 1e-12, name
    assert exact["ks_of_score"] >= found["ks_of_score"] - 1e-12
    assert exact["roc_auc"] == pytest.approx(roc_auc_score(rows[1], rows[0]))
    assert exact["average_precision"] == pytest.approx(average_precision_score(rows[1], rows[0]))


def test_by_hand() -> None:
    # Bins from the top: 2 positives and 1 negative, then 1 and 3. p = 2/3, 1/3; q = 1/4, 3/4.
    counts = binned(np.asarray([0.9] * 3 + [0.1] * 4), np.asarray([1.0, 1, 0, 1, 0, 0, 0]), bins=2)
    found = {name: float(bound) for name, bound in binning_bounds(counts).items()}
    # AP is 2/3 · 2/3 + 1/3 · 3/7; at least 2/3 · 1/2 + 1/3 · 3/7, at most 2/3 · 1 + 1/3 · 3/4.
    precise = 4 / 9 + 1 / 7
    assert found == pytest.approx(
        {
            "roc_auc": 5 / 24,
            "gini": 5 / 12,
            "ks_of_score": 1 / 3,
            "average_precision": 2 / 3 + 1 / 4 - precise,
        }
    )


def test_the_bounds_are_reached() -> None:
    # One bin with a perfect order inside: the area is 1 instead of ½, the KS 1 instead of 0, and
    # the average precision 1 instead of ½.
    rows = (np.asarray([0.1, 0.2, 0.8, 0.9]), np.asarray([0.0, 0, 1, 1]))
    bounds, exact, found = binning_bounds(binned(*rows, bins=1)), ranked(rows, 0), ranked(rows, 1)
    for name in bounds:
        assert exact[name] - found[name] == pytest.approx(bounds[name])


def test_pure_bins_hide_nothing_of_the_order() -> None:
    rows = (np.asarray([0.1, 0.2, 0.8, 0.9]), np.asarray([0.0, 0, 1, 1]))
    bounds = binning_bounds(binned(*rows, bins=2))
    assert [float(bound) for bound in bounds.values()] == [0, 0, 0, 0]


def test_chunks_are_read_at_once_and_one_class_has_no_bound() -> None:
    one, other = binned(*simulated(400, seed=1), bins=10), binned(np.ones(3), np.ones(3), bins=10)
    both = type(one)(
        *(np.stack([getattr(part, name) for part in (one, other)]) for name in one.__slots__)
    )
    for name, bound in binning_bounds(both).items():
        assert bound[0] == pytest.approx(binning_bounds(one)[name])
        assert np.isnan(bound[1])


def test_bins_of_a_hundredth_are_exact_enough() -> None:
    counts = binned(*simulated(20_000, seed=2), bins=100)
    found = binning_bounds(counts)
    assert found["roc_auc"] < 0.02
    assert found["ks_of_score"] < 0.05


def test_rows_of_one_score_hide_nothing() -> None:
    # A scorecard of five scores, one bin each: equal scores have no order to lose.
    scores, labels = simulated(2_000, seed=3)
    rows = (np.round(scores * 4) / 4, labels)
    counts = score_counts(*rows)
    assert binning_bounds(counts)["roc_auc"] > 0.05
    told = binning_bounds(counts, np.ones(counts.rows.shape, dtype=np.bool_))
    assert [float(bound) for bound in told.values()] == pytest.approx([0] * 4, abs=1e-15)


@settings(deadline=None)
@given(rows=BOTH, bins=st.integers(1, 8))
def test_bins_of_one_score_tighten_the_bounds_and_keep_them(rows: Rows, bins: int) -> None:
    counts = binned(*rows, bins=bins)
    place = np.minimum(np.floor(rows[0] * bins + 1e-9).astype(int), bins - 1)  # as binned() does
    one = np.asarray([np.unique(rows[0][place == each]).size < 2 for each in range(bins)])
    exact, found = ranked(rows, 0), ranked(rows, bins)
    loose = binning_bounds(counts)
    for name, bound in binning_bounds(counts, one).items():
        assert bound <= loose[name] + 1e-12
        assert abs(exact[name] - found[name]) <= bound + 1e-12, name
