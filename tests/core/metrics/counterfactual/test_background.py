"""Distances to real cases: as core.metrics.nearest tells them, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotComputable
from core.metrics.counterfactual import fit_background
from core.metrics.counterfactual.background import Nearness
from core.metrics.nearest import nearest

NUMBERS = st.integers(-50, 50).map(float) | st.just(np.nan)


def test_a_unit_is_the_median_deviation_or_else_what_varies_at_all() -> None:
    found = fit_background(
        {
            "spread": [1.0, 2.0, 3.0, 4.0, 10.0],
            "rare": [5.0, 5.0, 5.0, 5.0, 15.0],
            "same": [8.0] * 5,
            "gone": [np.nan] * 5,
        },
        (),
    )
    # Median 3, deviations 2 1 0 1 7, of which the median is 1.
    assert found.scales["spread"] == pytest.approx(1.4826)
    # Four of five are equal, the quartiles too; the standard deviation of 5 5 5 5 15 is 4.
    assert found.scales["rare"] == pytest.approx(4.0)
    assert (found.scales["same"], found.scales["gone"]) == (0.0, 0.0)


def test_quartiles_stand_in_where_more_than_half_are_equal() -> None:
    column = [0.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    # Quartiles 2.5 and 5.
    assert fit_background({"x": column}, ()).scales["x"] == pytest.approx(2.5 / 1.349)


def test_words_come_by_how_frequent_they_are_and_equals_by_name() -> None:
    found = fit_background({"kind": ["b", "c", None, "a", "c", np.nan]}, {"kind"})
    assert found.words["kind"] == ("c", "a", "b")
    assert found.codes["kind"].tolist() == [2, 0, -1, 1, 0, -1]


def test_the_limit_is_what_95_of_100_cases_keep() -> None:
    # Neighbours are 1 apart but for the last, which is 2.5 away. The median deviation is 3, so the
    # unit 4.4478. Of eleven distances the quantile 0.95 lies half-way up to the last.
    found = fit_background({"x": [*range(10), 11.5]}, ())
    assert found.limit == pytest.approx((1.0 + 0.5 * 1.5) / 4.4478)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from("abc")), min_size=2, max_size=30),
    st.tuples(NUMBERS, NUMBERS, st.sampled_from("abcd")),
)
def test_the_nearest_case_is_the_one_that_similar_cases_are_found_by(
    cases: list[tuple[float, float, str]], point: tuple[float, float, str]
) -> None:
    columns = dict(zip("xyk", map(list, zip(*cases, strict=True)), strict=True))
    background = fit_background(columns, {"k"})
    changed = {"x": np.array([point[0]]), "k": np.array([point[2]], dtype=object)}
    row = {"x": 1.0, "y": point[1], "k": "b"}
    far, place = Nearness(background, row).of(changed)
    # What differs where no two cases did is farther here, and no distance there.
    units = np.array([background.scales[name] or 1e-12 for name in "xy"])
    known = np.column_stack([columns["x"], columns["y"]])
    same = np.array([[word == point[2]] for word in columns["k"]])
    places, distances = nearest(known, same, units, np.array(point[:2]), count=len(cases))
    assert far[0] == pytest.approx(distances[0], abs=1e-12)
    assert distances[places == place[0]] == pytest.approx(distances[0], abs=1e-12)


def test_each_variant_has_its_own_nearest_case() -> None:
    background = fit_background({"x": [0.0, 10.0, 20.0, 30.0], "k": ["a", "a", "b", "b"]}, {"k"})
    nearness = Nearness(background, {"x": 0.0, "k": "a"})
    far, places = nearness.of({"x": np.arange(0.0, 31.0, 1.0)})
    # Unit: median 15, deviations 15 5 5 15, so 14.826. A kind counts 1, as much as 14.826.
    assert places[[0, 9, 14, 30]].tolist() == [0, 1, 1, 3]
    assert far[14] == pytest.approx(np.sqrt((4 / 14.826) ** 2 / 2))
    assert far[30] == pytest.approx(np.sqrt(1 / 2))


def test_a_unit_next_to_nothing_makes_the_farthest_of_any_difference() -> None:
    background = fit_background({"x": [0.0, 1e-310, 2e-310, 1e-310]}, ())
    far, _ = Nearness(background, {"x": 0.0}).of({"x": np.array([5.0])})
    assert far.tolist() == [3.0]


def test_many_variants_are_asked_about_in_parts() -> None:
    background = fit_background({"x": np.arange(50.0)}, ())
    far, places = Nearness(background, {"x": 0.0}).of({"x": np.linspace(0, 49, 1000)})
    assert places.tolist() == np.linspace(0, 49, 1000).round().astype(int).tolist()
    assert far.max() == pytest.approx(0.5 / background.scales["x"], rel=0.01)


def test_the_size_of_a_change_is_told_in_units() -> None:
    background = fit_background({"x": [1, 2, 3, 4, 10], "same": [8] * 5, "k": ["a"] * 5}, {"k"})
    assert background.change("x", 2.0, [2.0, 4.9652]).tolist() == pytest.approx([0.0, 2.0])
    assert background.change("same", 8.0, [8.0, 8.1]).tolist() == [0.0, 3.0]
    assert background.change("k", "a", ["a", "b"]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("columns", [{}, {"x": []}, {"x": [1.0]}])
def test_one_case_says_nothing_of_what_is_plausible(columns: dict[str, list[float]]) -> None:
    with pytest.raises(NotComputable):
        fit_background(columns, ())


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput):
        fit_background({"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}, ())
