"""Quantiles from bins against numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.binning import BinnedCounts, NumericBins, count_rows, log_spaced_bins
from core.metrics.quantiles import quantile_from_counts

BINS = log_spaced_bins(0.1, 100_000.0)
LATENCIES = npst.arrays(np.float64, st.integers(1, 300), elements=st.floats(0.2, 90_000.0))


@settings(deadline=None)
@given(latencies=LATENCIES, share=st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_within_five_percent_of_numpy(latencies: Floats, share: float) -> None:
    expected = np.quantile(latencies, share, method="inverted_cdf")
    assert quantile_from_counts(BINS, count_rows(BINS, latencies), share) == pytest.approx(
        expected, rel=0.05
    )


def test_close_to_numpy_on_many_rows() -> None:
    latencies = np.random.default_rng(1).lognormal(4.0, 0.7, 50_000)
    counts = count_rows(BINS, latencies)
    for share in (0.5, 0.95, 0.99):
        assert quantile_from_counts(BINS, counts, share) == pytest.approx(
            np.quantile(latencies, share), rel=5e-3
        )


def test_extremes_are_exact_even_outside_the_bins() -> None:
    counts = count_rows(BINS, [0.001, 5.0, 7.0, 1e9])
    assert quantile_from_counts(BINS, counts, 0.0) == 0.001
    assert quantile_from_counts(BINS, counts, 1.0) == 1e9


def test_evenly_between_the_extremes_of_a_bin() -> None:
    # By hand: 5 values in one bin from 10 to 10.4; the median has rank 3, so 10.2.
    bins = NumericBins(edges=(9.0, 11.0), atoms=(), deciles=())
    n = np.array([0.0, 0, 0, 5, 0])
    low, high = np.where(n > 0, 10.0, np.nan), np.where(n > 0, 10.4, np.nan)
    assert quantile_from_counts(bins, BinnedCounts(n, n * 0, low, high), 0.5) == pytest.approx(10.2)


def test_chunks_and_missing_values() -> None:
    chunks = [count_rows(BINS, [1.0, np.nan, 9.0]), count_rows(BINS, [np.nan])]
    stacked = BinnedCounts(
        *(
            np.stack([getattr(one, name) for one in chunks])
            for name in ("n", "total", "low", "high")
        )
    )
    np.testing.assert_array_equal(quantile_from_counts(BINS, stacked, 0.5), [1.0, np.nan])


def test_impossible_input_is_refused() -> None:
    counts = count_rows(BINS, [1.0])
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        quantile_from_counts(BINS, counts, 95)
    with pytest.raises(InvalidInput, match="smallest and largest"):
        quantile_from_counts(BINS, BinnedCounts(counts.n), 0.5)
    with pytest.raises(InvalidInput, match="bins of the feature"):
        quantile_from_counts(BINS, BinnedCounts(counts.n[1:]), 0.5)
