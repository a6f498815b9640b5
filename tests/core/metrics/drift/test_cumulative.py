"""The distribution functions behind a Wasserstein distance, against numpy and scipy."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from core.errors import InvalidInput, NotComputable
from core.metrics.arrays import Floats
from core.metrics.binning import (
    BinnedCounts,
    NumericBins,
    count_rows,
    numeric_bins_from_counts,
)
from core.metrics.drift import CumulativeShares, cumulative_shares

DRAW = np.random.default_rng(11)
REFERENCE = DRAW.lognormal(10, 0.5, 8_000).round(2)


def bins_of(values: Floats) -> NumericBins:
    return numeric_bins_from_counts(*np.unique(values, return_counts=True))


def shares(reference: Floats, current: Floats) -> CumulativeShares:
    bins = bins_of(reference)
    return cumulative_shares(bins, count_rows(bins, reference), count_rows(bins, current))


@pytest.mark.parametrize(
    "current",
    [
        DRAW.lognormal(10, 0.5, 3_000) * 1.8,
        DRAW.lognormal(10, 0.5, 3_000) * 0.6,
        DRAW.lognormal(10, 0.9, 3_000),
        np.where(DRAW.random(3_000) < 0.05, 1000.0, 1.0) * DRAW.lognormal(10, 0.5, 3_000),
        np.full(500, 50_000.0),
    ],
    ids=["up", "down", "wider", "unit", "atom"],
)
def test_distance_shift_and_lines(current: Floats) -> None:
    found = shares(REFERENCE, current)
    exact = wasserstein_distance(REFERENCE, current)
    assert found.distance == pytest.approx(exact, rel=0.01)
    assert found.deviations == pytest.approx(found.distance / np.std(REFERENCE))
    assert found.shift == pytest.approx(current.mean() - REFERENCE.mean())
    assert (found.n_reference, found.n_current) == (len(REFERENCE), len(current))
    assert 2 * len(found.at) <= 2_000
    assert (np.diff(found.at) > 0).all()
    # At the edges of the bins the lines are the empirical distribution functions.
    edges = bins_of(REFERENCE).edge_array
    for line, values in ((found.reference, REFERENCE), (found.current, current)):
        steps = np.searchsorted(np.sort(values), edges, side="right") / len(values)
        np.testing.assert_allclose(line[np.isin(found.at, edges)], steps, atol=1e-12)
        assert (np.diff(line) >= 0).all()
        assert line[-1] == 1
    # The area that is drawn is the distance that is told.
    gap = np.abs(found.current - found.reference)
    drawn = float(np.sum((gap[1:] + gap[:-1]) / 2 * np.diff(found.at)))
    assert drawn == pytest.approx(exact, rel=0.01)


def test_which_way() -> None:
    assert shares(REFERENCE, REFERENCE * 1.5).one_way == 1
    assert shares(REFERENCE, REFERENCE / 1.5).one_way == -1
    middle = np.median(REFERENCE)
    assert shares(REFERENCE, middle + 2 * (REFERENCE - middle)).one_way == 0
    same = shares(REFERENCE, REFERENCE)
    assert (same.distance, same.one_way, same.shift) == (0, 0, 0)


def test_the_middle_holds_all_but_a_tail_of_both_sides() -> None:
    current = REFERENCE * 1.8
    low, high = shares(REFERENCE, current).central()
    assert low <= np.quantile(REFERENCE, 0.005)
    assert np.quantile(current, 0.995) <= high < current.max()
    assert high < np.quantile(current, 0.9999)
    constant = shares(np.full(50, 3.0), np.full(9, 3.0))
    assert constant.central()[1] == 3.0
    assert np.isnan(constant.deviations)


def test_missing_values_are_left_out_and_what_cannot_be_drawn_is_refused() -> None:
    bins = bins_of(REFERENCE)
    whole = count_rows(bins, REFERENCE)
    found = cumulative_shares(bins, whole, count_rows(bins, [np.nan, 20_000.0, 30_000.0]))
    assert found.n_current == 2
    with pytest.raises(NotComputable, match="no rows"):
        cumulative_shares(bins, whole, count_rows(bins, [np.nan]))
    with pytest.raises(NotComputable, match="infinite"):
        cumulative_shares(bins, whole, count_rows(bins, [np.inf, 1.0]))
    with pytest.raises(InvalidInput, match="sums"):
        cumulative_shares(bins, BinnedCounts(whole.n), whole)
