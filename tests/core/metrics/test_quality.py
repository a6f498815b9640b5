"""Data quality shares by hand."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.binning import BinnedCounts, CategoricalBins, NumericBins
from core.metrics.quality import quality_shares

BINS = NumericBins(edges=(0.0, 1.0), atoms=(), deciles=())


def test_numeric_shares_by_hand() -> None:
    # Codes −2, −1, below, inside, above.
    found = quality_shares(BINS, BinnedCounts(np.array([[1.0, 1, 2, 5, 1], [0, 0, 0, 0, 0]])))
    assert found.rows.tolist() == [10, 0]
    np.testing.assert_allclose(found.missing, [0.2, np.nan])
    np.testing.assert_allclose(found.out_of_range, [3 / 8, np.nan])
    assert np.isnan(found.unseen).all()


def test_categorical_shares_by_hand() -> None:
    counts = BinnedCounts(np.array([0.0, 2, 5, 2, 1]))
    found = quality_shares(CategoricalBins(values=("a",)), counts)
    assert found.missing == pytest.approx(0.2)
    assert found.unseen == pytest.approx(1 / 8)
    assert np.isnan(found.out_of_range)


def test_unseen_is_unknown_if_the_list_of_categories_is_not_complete() -> None:
    counts = BinnedCounts(np.array([0.0, 2, 5, 2, 0]))
    bins = CategoricalBins(values=("a",), complete=False)
    assert np.isnan(quality_shares(bins, counts).unseen)


def test_all_missing_has_no_range() -> None:
    found = quality_shares(BINS, BinnedCounts(np.array([3.0, 0, 0, 0, 0])))
    assert found.missing == 1.0
    assert np.isnan(found.out_of_range)


def test_counts_of_other_bins_are_refused() -> None:
    with pytest.raises(InvalidInput, match="bins of the feature"):
        quality_shares(BINS, BinnedCounts(np.array([1.0])))
