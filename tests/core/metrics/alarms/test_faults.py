"""Faults of the data, each by a case made by hand."""

import numpy as np
import pytest

from core.metrics.alarms import FrozenFeed, NewValue, NullBurst, UnitChange, find_faults
from core.metrics.arrays import Floats
from core.metrics.binning import BinnedCounts, CategoricalBins, count_rows
from tests.core.metrics.alarms.days import number_bins

COLOURS = CategoricalBins(("red", "blue"))
VALUES: Floats = np.random.default_rng(1).lognormal(3.0, 0.5, size=4_000)
BINS = number_bins(VALUES)
USUAL = count_rows(BINS, VALUES)


def _colours(*n: float) -> BinnedCounts:
    return BinnedCounts(np.array(n))


def _days(*values: Floats) -> BinnedCounts:
    parts = [count_rows(BINS, day) for day in values]
    return BinnedCounts(
        *(
            np.stack([getattr(part, name) for part in parts])
            for name in ("n", "total", "low", "high")
        )
    )


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert find_faults(BINS, USUAL, count_rows(BINS, VALUES[:500])) == ()
    assert find_faults(BINS, USUAL, count_rows(BINS, VALUES[:500] * 1.5)) == ()
    assert find_faults(COLOURS, _colours(0, 1, 50, 50, 0, 0), _colours(0, 0, 30, 70, 0, 0)) == ()


def test_a_new_value() -> None:
    (found,) = find_faults(COLOURS, _colours(0, 0, 50, 50, 0, 0), _colours(0, 0, 45, 50, 0, 5))
    assert found == NewValue(0.05, 5)


def test_a_burst_of_nulls() -> None:
    (found,) = find_faults(COLOURS, _colours(0, 1, 50, 49, 0, 0), _colours(0, 20, 40, 40, 0, 0))
    assert isinstance(found, NullBurst)
    assert (found.before, found.after) == pytest.approx((0.01, 0.2))


UNITS = [(100.0, "decimal"), (0.001, "decimal"), (12.0, "months a year"), (7.8, "HKD a USD")]


@pytest.mark.parametrize(("factor", "unit"), UNITS)
def test_another_unit(factor: float, unit: str) -> None:
    found = find_faults(BINS, USUAL, count_rows(BINS, VALUES * factor))
    (change,) = [fault for fault in found if isinstance(fault, UnitChange)]
    assert (change.factor, change.unit, change.share) == (factor, unit, 1.0)
    assert change.ratio == pytest.approx(factor)


def test_another_unit_in_some_rows() -> None:
    mixed = np.concatenate([VALUES[:900], VALUES[900:1_000] * 100])
    (found,) = find_faults(BINS, USUAL, count_rows(BINS, mixed))
    assert isinstance(found, UnitChange)
    assert found.factor == 100.0
    assert found.share == pytest.approx(0.1, abs=0.01)


def test_a_number_that_froze() -> None:
    found = find_faults(BINS, USUAL, count_rows(BINS, np.full(50, 20.0)))
    assert FrozenFeed(1, 1.0, 20.0) in found


def test_the_newest_days_that_froze() -> None:
    stuck = np.full(20, 20.0)
    found = find_faults(BINS, USUAL, _days(VALUES[:20], VALUES[20:40], stuck, stuck, stuck))
    assert FrozenFeed(3, 1.0, 20.0) in found
    assert not find_faults(BINS, USUAL, _days(VALUES[:20], stuck, VALUES[20:40], VALUES[40:60]))


def test_a_category_that_froze() -> None:
    (found,) = find_faults(COLOURS, _colours(0, 0, 60, 40, 0, 0), _colours(0, 0, 0, 100, 0, 0))
    assert found == FrozenFeed(1, 1.0, "blue")


def test_what_was_always_so_is_no_frozen_feed() -> None:
    assert find_faults(COLOURS, _colours(0, 0, 60, 40, 0, 0), _colours(0, 0, 99, 0, 0, 0)) == ()


def test_no_rows_have_no_faults() -> None:
    assert find_faults(BINS, USUAL, count_rows(BINS, np.empty(0))) == ()
    assert find_faults(COLOURS, _colours(0, 0, 5, 5, 0, 0), _colours(0, 0, 0, 0, 0, 0)) == ()
