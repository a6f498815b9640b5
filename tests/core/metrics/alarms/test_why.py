"""What moved, from where to where, and in which slices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import InvalidInput, NotComputable
from core.metrics.alarms import NewValue, explain, slice_parts
from core.metrics.arrays import Floats
from core.metrics.binning import BinnedCounts, CategoricalBins, count_rows
from core.metrics.drift import total_variation
from tests.core.metrics.alarms.days import number_bins

COLOURS = CategoricalBins(("red", "blue"))
BEFORE = BinnedCounts(np.array([0.0, 0, 60, 40, 0, 0]))
AFTER = BinnedCounts(np.array([0.0, 0, 30, 50, 0, 20]))


def test_a_category_by_hand() -> None:
    found = explain("psi", COLOURS, BEFORE, AFTER)
    assert found.faults == (NewValue(0.2, 20),)
    assert found.move is not None
    assert found.move.moved == pytest.approx(-0.3)
    # Red loses 30: blue takes 10, the unseen 20.
    moved = [(flow.origin.category, flow.destination.category) for flow in found.flows]
    assert moved == [("red", None), ("red", "blue")]
    assert [flow.share for flow in found.flows] == pytest.approx([0.2, 0.1])
    assert sum(part.part for part in found.groups) == pytest.approx(1)


def test_numbers_move_to_the_next_place() -> None:
    values = np.arange(1_000.0)
    bins = number_bins(values)
    shifted = np.where(values < 100, values + 900, values)
    found = explain("wasserstein", bins, count_rows(bins, values), count_rows(bins, shifted))
    (flow,) = found.flows
    assert flow.share == pytest.approx(0.1)
    assert (flow.origin.upper, flow.destination.upper) == (99.0, 999.0)


def test_days_are_taken_together() -> None:
    days = BinnedCounts(np.stack([AFTER.n, AFTER.n]))
    assert (
        explain("psi", COLOURS, BEFORE, days).flows == explain("psi", COLOURS, BEFORE, AFTER).flows
    )


def test_nothing_moved_has_no_flow() -> None:
    found = explain("psi", COLOURS, BEFORE, BEFORE)
    assert (found.flows, found.move, found.faults) == ((), None, ())


def test_slices_by_hand() -> None:
    # Only the north changed: all of the move is within it. Total variation: 0.1.
    first, second = slice_parts(
        {
            "south": (np.array([25.0, 25.0]), np.array([25.0, 25.0])),
            "north": (np.array([25.0, 25.0]), np.array([15.0, 35.0])),
        }
    )
    assert (first.value, first.n_ref, first.n_cur) == ("north", 50, 50)
    assert (first.part, first.mix, first.within) == pytest.approx((0.1, 0.0, 0.1))
    assert second.part == pytest.approx(0)


def test_a_slice_that_grew_is_mix() -> None:
    # Shares 1/2 and 1/2 become 1/4 and 3/4; inside both stay as they were.
    parts = slice_parts(
        {
            "red": (np.array([50.0, 0.0]), np.array([25.0, 0.0])),
            "blue": (np.array([0.0, 50.0]), np.array([0.0, 75.0])),
        }
    )
    assert [part.mix for part in parts] == pytest.approx([0.125, 0.125])
    assert [part.within for part in parts] == pytest.approx([0, 0])


def test_a_new_slice_is_mix() -> None:
    parts = slice_parts(
        {
            "old": (np.array([50.0, 50.0]), np.array([50.0, 50.0])),
            "new": (np.array([0.0, 0.0]), np.array([0.0, 100.0])),
        }
    )
    new = next(part for part in parts if part.value == "new")
    assert new.within == pytest.approx(0)
    assert new.part == pytest.approx(0.25)


COUNTS = arrays(np.float64, (3, 4), elements=st.integers(0, 50))


@given(COUNTS, COUNTS)
@settings(max_examples=60)
def test_the_parts_add_up_to_the_total_variation(before: Floats, after: Floats) -> None:
    if before.sum() == 0 or after.sum() == 0:
        return
    parts = slice_parts({str(place): (before[place], after[place]) for place in range(3)})
    whole = float(total_variation(before.sum(axis=0), after.sum(axis=0)))
    assert sum(part.part for part in parts) == pytest.approx(whole, abs=1e-9)
    assert all(part.part == pytest.approx(part.mix + part.within) for part in parts)


def test_slices_are_explained_by_segment() -> None:
    half = (BEFORE.n / 2, AFTER.n / 2)
    found = explain("psi", COLOURS, BEFORE, AFTER, slices={"place": {"a": half, "b": half}})
    assert [part.value for part in found.slices["place"]] == ["a", "b"]
    # Total variation 0.3, half of it each.
    assert [part.part for part in found.slices["place"]] == pytest.approx([0.15, 0.15])


def test_slices_that_cannot_be_split() -> None:
    assert slice_parts({}) == ()
    with pytest.raises(NotComputable):
        slice_parts({"a": (np.zeros(2), np.ones(2))})
    with pytest.raises(InvalidInput):
        slice_parts({"a": (np.ones(2), np.ones(2)), "b": (np.ones(3), np.ones(3))})
