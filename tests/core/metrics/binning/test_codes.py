"""Which code each value gets."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.binning import CategoricalBins, NumericBins, assign

BINS = NumericBins(edges=(0.0, 1.0, 2.0), atoms=(), deciles=())


def test_numeric_codes_count_the_edges_below() -> None:
    values = [-np.inf, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, np.inf, np.nan]
    assert assign(BINS, values).tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3, -2]


def test_null_is_not_nan() -> None:
    assert assign(BINS, [1.0, np.nan, np.nan], null=[False, True, False]).tolist() == [1, -1, -2]
    assert assign(BINS, np.array([1, None, np.nan], dtype=object)).tolist() == [1, -1, -2]


def test_no_rows_no_codes() -> None:
    assert assign(BINS, []).shape == (0,)


def test_text_is_not_a_number() -> None:
    with pytest.raises(InvalidInput, match="not a number"):
        assign(BINS, np.array(["1.0", "many"]))


def test_categorical_codes() -> None:
    bins = CategoricalBins(values=("a", "b"), rest=("c",))
    values = np.array(["b", "a", "c", "new", None], dtype=object)
    assert assign(bins, values).tolist() == [1, 0, 2, 3, -1]
    assert (bins.rest_code, bins.unseen_code, bins.bin_count) == (2, 3, 4)


def test_an_incomplete_list_of_values_calls_nothing_unseen() -> None:
    bins = CategoricalBins(values=("a",), rest=("b",), complete=False)
    assert assign(bins, ["a", "b", "maybe known"]).tolist() == [0, 1, 1]
