"""What the coarse groups are called."""

import numpy as np

from core.metrics.binning import CategoricalBins, NumericBins, numeric_bins_from_counts
from core.metrics.drift.groups import Group, GroupKind, describe_groups, group_counts


def test_groups_of_a_numeric_feature_name_real_values() -> None:
    bins = numeric_bins_from_counts([1.0, 2.0, 3.0], [2, 1, 1])
    assert describe_groups(bins) == (
        Group(GroupKind.missing),
        Group(GroupKind.below, upper=1.0),
        Group(GroupKind.interval, 1.0, 1.0, includes_lower=True, includes_upper=True),
        Group(GroupKind.interval, 1.0, 2.0, includes_upper=True),
        Group(GroupKind.interval, 2.0, 3.0, includes_upper=True),
        Group(GroupKind.above, lower=3.0),
    )


def test_an_edge_just_below_an_atom_is_named_by_the_atom() -> None:
    bins = NumericBins(
        edges=(0.0, np.nextafter(5.0, -np.inf), 5.0, 9.0), atoms=(5.0,), deciles=(1,)
    )
    third, fourth = describe_groups(bins)[2:4]
    assert (third.lower, third.upper) == (5e-324, np.nextafter(5.0, -np.inf))
    assert (fourth.lower, fourth.includes_lower, fourth.upper) == (5.0, True, 9.0)


def test_groups_of_a_categorical_feature() -> None:
    kinds = [group.kind for group in describe_groups(CategoricalBins(values=("a", "b")))]
    assert kinds == ["missing", "category", "category", "rest", "unseen"]


def test_group_counts_add_up_codes() -> None:
    bins = NumericBins(edges=(0.0, 1.0, 2.0, 3.0), atoms=(), deciles=(2,))
    counts = np.array([[1.0, 2, 3, 4, 5, 6, 7]])
    assert group_counts(bins, counts).tolist() == [[3, 3, 9, 6, 7]]


def test_a_feature_that_begins_at_zero_is_not_said_to_begin_at_minus_zero() -> None:
    bins = numeric_bins_from_counts(np.arange(0.0, 500.0), np.ones(500))
    first = describe_groups(bins)[2]
    assert first.lower == 0
    assert not np.signbit(first.lower)
