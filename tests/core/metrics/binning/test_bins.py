"""Bin sets as stored text, and the coarse groups of the codes."""

import json

import pytest

from core.errors import InvalidInput
from core.metrics.binning import (
    BinSet,
    CategoricalBins,
    NumericBins,
    coarse_groups,
    numeric_bins_from_counts,
)

AMOUNT = NumericBins(edges=(0.0, 1.5, 2.0, 3.0), atoms=(2.0,), deciles=(1, 2), deviation=0.5)
SECTOR = CategoricalBins(values=("retail", "建造"), rest=("farming",))


def test_a_bin_set_survives_its_text() -> None:
    bins = BinSet({"amount": AMOUNT, "sector": SECTOR})
    copy = BinSet.from_json(bins.to_json())
    assert copy.features == bins.features
    assert copy.bins_id == bins.bins_id
    amount = copy.features["amount"]
    assert isinstance(amount, NumericBins)
    assert amount.deviation == 0.5


def test_an_unrecorded_deviation_stays_unrecorded() -> None:
    text = BinSet({"x": NumericBins((0.0, 1.0), (), ())}).to_json()
    assert json.loads(text)["features"]["x"]["deviation"] is None
    restored = BinSet.from_json(text).features["x"]
    assert isinstance(restored, NumericBins)
    assert restored.deviation != restored.deviation  # NaN


def test_the_id_does_not_depend_on_the_order_of_features_but_on_every_edge() -> None:
    one = BinSet({"a": AMOUNT, "b": SECTOR})
    other = BinSet({"b": SECTOR, "a": AMOUNT})
    assert one.bins_id == other.bins_id
    assert len(one.bins_id) == 16
    moved = NumericBins((0.0, 1.5, 2.0, 3.0000000000000004), (2.0,), (1, 2), 0.5)
    assert BinSet({"a": moved, "b": SECTOR}).bins_id != one.bins_id


def test_edges_survive_their_text_to_the_last_bit() -> None:
    bins = numeric_bins_from_counts([0.1, 0.2, 0.1 + 0.2, 5e-324 + 1], [1, 1, 1, 1])
    restored = BinSet.from_json(BinSet({"x": bins}).to_json()).features["x"]
    assert restored == bins


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": {"x": {"kind": "numeric"}}}'])
def test_text_that_is_no_bin_set_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        BinSet.from_json(text)


def test_coarse_groups_of_a_numeric_feature() -> None:
    # Codes -2, -1 | 0 below | (0, 1.5] | (1.5, 2] | (2, 3] | above.
    assert coarse_groups(AMOUNT).tolist() == [0, 0, 1, 2, 3, 4, 5]


def test_coarse_groups_join_the_bins_between_deciles() -> None:
    bins = NumericBins(edges=tuple(map(float, range(7))), atoms=(), deciles=(2, 4, 6))
    assert coarse_groups(bins).tolist() == [0, 0, 1, 2, 2, 3, 3, 4, 4, 5]


def test_coarse_groups_of_a_categorical_feature_are_its_codes() -> None:
    assert coarse_groups(SECTOR).tolist() == [0, 0, 1, 2, 3, 4]


def test_a_thousand_distinct_values_make_ten_groups_inside() -> None:
    bins = numeric_bins_from_counts(range(1000), [1] * 1000)
    assert len(bins.edges) == 201
    assert coarse_groups(bins).max() == 12  # missing, below, ten deciles, above
