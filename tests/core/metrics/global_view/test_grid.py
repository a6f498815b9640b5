"""The values that a field is given: those of enough rows, and rounded ones."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.metrics.global_view import Grid, category_grid, number_grid


def test_few_values_of_enough_rows_are_given_as_they_are() -> None:
    column = np.array([0.0] * 30 + [1.5] * 20 + [np.nan] * 19)
    assert number_grid(column) == Grid((0.0, 1.5), (30, 20))


def test_a_value_of_too_few_rows_is_not_given() -> None:
    found = number_grid(np.array([0.0] * 60 + [1.0] * 60 + [987_654.0]))
    assert found == Grid((0.0, 1.0), (60, 61))


def test_missing_is_a_value_where_enough_rows_have_none() -> None:
    column = np.array([1.0] * 20 + [2.0] * 20 + [np.nan] * 20)
    assert number_grid(column) == Grid((1.0, 2.0, None), (20, 20, 20))


def test_quantiles_are_rounded_to_two_digits_or_to_a_fiftieth_of_their_range() -> None:
    amounts = np.arange(10_001.0) * 1.234  # 5, 50 and 95 %: 617, 6170 and 11723
    # A fiftieth is 222: hundreds are finer than the thousands that two digits leave of the last.
    assert number_grid(amounts, points=3).values == (620.0, 6200.0, 11700.0)


def test_years_are_not_rounded_away() -> None:
    years = np.arange(2000.0, 2101.0)
    assert number_grid(years, points=3).values == (2005.0, 2050.0, 2095.0)


def test_quantiles_stand_for_enough_rows_on_average() -> None:
    assert len(number_grid(np.arange(100.0)).values) == 5


@pytest.mark.parametrize("column", [[], [np.nan, np.nan], [1.0, 2.0]])
def test_too_few_numbers_give_nothing(column: list[float]) -> None:
    assert number_grid(np.array(column)) == Grid((), ())


def test_the_smallest_number_there_is_is_rounded_to_nothing() -> None:
    found = number_grid(np.array([1.0] * 3 + [5e-324] * 2), points=6, fewest=5)
    assert found == Grid((0.0,), (5,))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300))
@example([1.0, 1.0, 1.0, 5e-324, 5e-324])
def test_numbers_rise_and_every_row_is_counted_once(values: list[float]) -> None:
    found = number_grid(np.array(values), points=6, fewest=5)
    numbers = [value for value in found.values if value is not None]
    assert numbers == sorted(set(numbers))
    assert len(numbers) <= 6
    assert sum(found.counts) == (len(values) if numbers else 0)


def test_categories_are_given_by_how_frequent_they_are() -> None:
    column = np.array(["b"] * 3 + ["a"] * 3 + ["c"] * 4 + ["d"] + [None] * 2, dtype=object)
    assert category_grid(column, fewest=2) == Grid(("c", "a", "b", None), (4, 3, 3, 2), 1)
    assert category_grid(column, fewest=3) == Grid(("c", "a", "b"), (4, 3, 3), 1)
    assert category_grid(column, fewest=3, most=2) == Grid(("c", "a"), (4, 3), 2)


def test_a_rare_category_is_never_named() -> None:
    found = category_grid(np.array(["usual"] * 500 + ["rare"] * 19, dtype=object))
    assert (found.values, found.left_out) == (("usual",), 1)
