"""Binned counts: what they hold, and that merging any split equals one scan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.binning import BinnedCounts, CategoricalBins, NumericBins, count_rows

BINS = NumericBins(edges=(0.0, 1.0, 2.0), atoms=(), deciles=())
WHOLE = npst.arrays(np.float64, st.integers(0, 60), elements=st.integers(-3, 5).map(float))


def test_counts_by_hand() -> None:
    counts = count_rows(BINS, [0.25, 0.75, 1.5, 9.0, np.nan, 0.0], null=[False] * 5 + [True])
    assert counts.n.tolist() == [1, 1, 0, 2, 1, 1]
    assert counts.total is not None
    assert counts.low is not None
    assert counts.high is not None
    assert counts.total.tolist() == [0, 0, 0, 1.0, 1.5, 9.0]
    np.testing.assert_array_equal(counts.low, [np.nan, np.nan, np.nan, 0.25, 1.5, 9.0])
    np.testing.assert_array_equal(counts.high, [np.nan, np.nan, np.nan, 0.75, 1.5, 9.0])
    assert counts.row_count == 6


def test_runs_of_chunks_are_merged_as_days_make_months() -> None:
    parts = [[0.25, 1.5], [], [0.75, 9.0], [1.25, np.nan]]
    days = [count_rows(BINS, np.asarray(part, dtype=float)) for part in parts]
    stacked = BinnedCounts(
        *(np.stack([getattr(day, name) for day in days]) for name in ("n", "total", "low", "high"))
    )
    runs = stacked.merged_runs(np.asarray([0, 2]))
    for place, wanted in enumerate([parts[0] + parts[1], parts[2] + parts[3]]):
        whole = count_rows(BINS, wanted)
        for name in ("n", "total", "low", "high"):
            np.testing.assert_array_equal(getattr(runs, name)[place], getattr(whole, name))
    assert BinnedCounts(stacked.n).merged_runs(np.asarray([0])).total is None


def test_categories_have_counts_only() -> None:
    counts = count_rows(CategoricalBins(values=("a",)), ["a", "b", "a"])
    assert counts.n.tolist() == [0, 0, 2, 0, 1]
    assert counts.total is None


@settings(deadline=None)
@given(parts=st.lists(WHOLE, min_size=1, max_size=5), order=st.randoms())
def test_merging_any_split_in_any_order_equals_one_scan(parts: list[Floats], order: object) -> None:
    whole = count_rows(BINS, np.concatenate(parts))
    shuffled = sorted(parts, key=lambda _: order.random())  # type: ignore[attr-defined]
    merged = count_rows(BINS, shuffled[0])
    for part in shuffled[1:]:
        merged = merged + count_rows(BINS, part)
    for name in ("n", "total", "low", "high"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))


def test_parts_must_have_one_shape() -> None:
    with pytest.raises(InvalidInput, match="shape"):
        BinnedCounts(n=np.zeros(3), total=np.zeros(4))


def test_categorical_counts_merge() -> None:
    merged = BinnedCounts(np.array([[1.0, 2.0], [3.0, 4.0]])).merged()
    assert merged.n.tolist() == [4.0, 6.0]
    assert (BinnedCounts(np.array([1.0])) + BinnedCounts(np.array([2.0]))).n.tolist() == [3.0]
