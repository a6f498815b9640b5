"""Counts of groups: checked, cut, and added up."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.fairness import GroupCounts, selection_rates
from tests.core.metrics.fairness.people import counts_of, some_people

PARTS = [name for name in GroupCounts.__slots__ if name != "groups"]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("n", [1.0]),
        ("n", [np.nan, 1, 1, 1]),
        ("favourable", [-1, 0, 0, 0]),
        ("score", [np.inf] * 4),
    ],
)
def test_counts_that_are_none_are_refused(part: str, value: list[float]) -> None:
    counts = counts_of(some_people(0))
    parts = {name: getattr(counts, name) for name in PARTS}
    with pytest.raises(InvalidInput):
        GroupCounts.of(counts.groups, **{**parts, part: value})


def test_a_sum_of_scores_may_be_negative() -> None:
    counts = counts_of(some_people(0))
    parts = {name: getattr(counts, name) for name in PARTS}
    of = GroupCounts.of(counts.groups, **{**parts, "score": [-1, 0, 1, 2]})
    assert list(of.score) == [-1, 0, 1, 2]


def test_labelled_rows_are_those_of_all_four_cells() -> None:
    people = some_people(2)
    counts = counts_of(people)
    size = people.groupby("group").size().to_numpy()
    happened = people.groupby("group")["happened"].sum().to_numpy()
    for each in (counts, counts.turned().turned()):
        assert (each.labelled == size).all()
        assert (each.positives == happened).all()
    assert (counts.turned().positives == size - happened).all()


def test_only_and_apart_keep_every_row() -> None:
    counts = counts_of(some_people(3))
    some = counts.only([True, False, True, False])
    assert some.groups == ("g0", "g2")
    assert list(some.n) == [counts.n[0], counts.n[2]]
    two = counts.apart(1, "rest")
    assert two.groups == ("g1", "rest")
    for name in PARTS:
        part = getattr(two, name)
        assert part[0] == getattr(counts, name)[1]
        assert part.sum() == pytest.approx(getattr(counts, name).sum())
    others = counts.favourable[[0, 2, 3]].sum() / counts.n[[0, 2, 3]].sum()
    assert selection_rates(two).rate.value[1] == pytest.approx(others)
