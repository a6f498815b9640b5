"""Entropy by scipy and the rest by numpy, on raw scores; the bounds hold whatever the scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.binning import BinnedCounts, NumericBins, count_rows, numeric_bins_from_counts
from core.metrics.confidence import (
    bounded_counts,
    default_band,
    mean_entropy,
    mean_margin,
    near_share,
)

CHANCES = st.floats(0.0, 1.0, allow_subnormal=False)
SCORES = st.lists(CHANCES, min_size=1, max_size=60).map(np.array)


def bins_of(scores: Floats) -> NumericBins:
    values, counts = np.unique(scores, return_counts=True)
    return numeric_bins_from_counts(values, counts)


def without_extremes(counts: BinnedCounts) -> BinnedCounts:
    """Return counts as a slice has them, which keeps sums alone."""
    nothing = np.full(counts.n.shape, np.nan)
    return BinnedCounts(counts.n, counts.total, nothing, nothing)


def scipy_entropy(scores: Floats) -> float:
    return float(entropy(np.stack([scores, 1 - scores]), base=2).mean())


def test_known_answers() -> None:
    scores = np.array([0.0, 0.25, 0.5, 1.0])
    bins = bins_of(scores)
    counts = count_rows(bins, scores)
    # H(0.25) = 0.25·2 + 0.75·log2(4/3) = 0.811278; the others are 0, 1 and 0.
    assert mean_entropy(bins, counts).value == pytest.approx((0.8112781 + 1) / 4, abs=1e-7)
    # |2p − 1|: 1, 0.5, 0, 1.
    assert mean_margin(bins, counts).value == pytest.approx(2.5 / 4)
    assert near_share(bins, counts, 0.5, 0.25).value == 0.5
    assert near_share(bins, counts, 0.5, 0.0).value == 0.25
    assert near_share(bins, counts, 0.5).value == 0.25  # 0.4 to 0.6


@given(reference=SCORES, scores=SCORES, sliced=st.booleans())
def test_the_exact_figures_lie_within_the_bounds(
    reference: Floats, scores: Floats, sliced: bool
) -> None:
    bins = bins_of(reference)
    counts = count_rows(bins, scores)
    counts = without_extremes(counts) if sliced else counts
    exact = {mean_entropy: scipy_entropy(scores), mean_margin: np.abs(2 * scores - 1).mean()}
    for of, value in exact.items():
        found = of(bins, counts)
        assert found.lower - 1e-9 <= value <= found.upper + 1e-9
        assert found.lower <= found.value <= found.upper
        assert found.lower >= -1e-12
        assert found.upper <= 1 + 1e-12


@given(reference=SCORES, scores=SCORES, cut_off=CHANCES, band=st.floats(0, 1), sliced=st.booleans())
def test_the_exact_share_lies_within_the_bounds(
    reference: Floats, scores: Floats, cut_off: float, band: float, sliced: bool
) -> None:
    bins = bins_of(reference)
    counts = count_rows(bins, scores)
    found = near_share(bins, without_extremes(counts) if sliced else counts, cut_off, band)
    exact = ((scores >= cut_off - band) & (scores <= cut_off + band)).mean()
    assert found.lower - 1e-12 <= exact <= found.upper + 1e-12
    assert found.lower - 1e-12 <= found.value <= found.upper + 1e-12


def test_a_log_of_the_reference_s_size_is_told_to_a_thousandth() -> None:
    draw = np.random.default_rng(4)
    reference, scores = draw.beta(1, 12, 20_000), draw.beta(1.2, 10, 5_000)
    bins = bins_of(reference)
    for counts in (count_rows(bins, scores), without_extremes(count_rows(bins, scores))):
        found = mean_entropy(bins, counts)
        assert found.value == pytest.approx(scipy_entropy(scores), abs=0.001)
        assert float(found.upper - found.lower) < 0.002
        margin = np.abs(2 * scores - 1).mean()
        assert mean_margin(bins, counts).value == pytest.approx(margin, abs=0.001)
        share = near_share(bins, counts, 0.2, 0.05)
        exact = ((scores >= 0.15) & (scores <= 0.25)).mean()
        assert share.value == pytest.approx(exact, abs=0.002)
        # Two bins reach over an end, each with half a per cent of the reference.
        assert float(share.upper - share.lower) < 0.03


def test_chunks_are_measured_one_by_one() -> None:
    scores = [np.array([0.1, 0.2]), np.array([0.9, 0.95, 0.5])]
    bins = bins_of(np.concatenate(scores))
    parts = [count_rows(bins, each) for each in scores]
    assert all(part.total is not None and part.low is not None for part in parts)
    both = BinnedCounts(
        np.stack([part.n for part in parts]),
        np.stack([np.asarray(part.total) for part in parts]),
        np.stack([np.asarray(part.low) for part in parts]),
        np.stack([np.asarray(part.high) for part in parts]),
    )
    found = mean_entropy(bins, both)
    np.testing.assert_allclose(found.value, [scipy_entropy(each) for each in scores])
    assert near_share(bins, both, 0.5, 0.1).value.tolist() == [0.0, pytest.approx(1 / 3)]


def test_missing_scores_are_left_out() -> None:
    bins = bins_of(np.array([0.25, 0.75]))
    counts = count_rows(bins, [0.25, math.nan, 0.0], null=[False, False, True])
    assert mean_margin(bins, counts).value == 0.5
    empty = count_rows(bins, np.empty(0))
    for of in (mean_entropy, mean_margin):
        assert np.isnan([of(bins, empty).value, of(bins, empty).lower, of(bins, empty).upper]).all()
    assert np.isnan(near_share(bins, empty, 0.5).value)


@pytest.mark.parametrize("outside", [-0.2, 1.4])
@pytest.mark.parametrize("sliced", [False, True])
def test_scores_that_are_no_probabilities_have_no_entropy(outside: float, sliced: bool) -> None:
    for reference in (np.array([0.2, 0.4]), np.array([0.2, 0.4, outside])):
        bins = bins_of(reference)
        counts = count_rows(bins, np.array([0.3, outside]))
        counts = without_extremes(counts) if sliced else counts
        assert np.isnan(mean_entropy(bins, counts).value)
        assert np.isnan(mean_margin(bins, counts).value)


def test_unknown_extremes_are_the_edges() -> None:
    bins = NumericBins((0.1, 0.2, 0.4), (), ())
    counts = without_extremes(count_rows(bins, np.array([0.05, 0.15, 0.3, 0.7])))
    bounded = bounded_counts(bins, counts)
    assert np.asarray(bounded.low)[2:].tolist() == [0.0, 0.1, 0.2, 0.4]
    assert np.asarray(bounded.high)[2:].tolist() == [0.1, 0.2, 0.4, 1.0]


@pytest.mark.parametrize(
    ("cut_off", "band"), [(0.5, 0.1), (0.035, 0.007), (0.9, 0.02), (0.0, 0.0), (1.0, 0.0)]
)
def test_the_band_is_a_fifth_of_the_way_to_the_nearer_end(cut_off: float, band: float) -> None:
    assert default_band(cut_off) == pytest.approx(band)


def test_what_is_refused() -> None:
    bins = bins_of(np.array([0.2, 0.4]))
    counts = count_rows(bins, np.array([0.2]))
    with pytest.raises(InvalidInput, match="belong"):
        mean_entropy(bins_of(np.array([0.2, 0.3, 0.4])), counts)
    with pytest.raises(InvalidInput, match="sum"):
        mean_margin(bins, BinnedCounts(counts.n))
    with pytest.raises(InvalidInput, match="band"):
        near_share(bins, counts, 0.5, -0.1)
