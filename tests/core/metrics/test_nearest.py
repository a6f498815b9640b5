"""The nearest rows against scikit-learn's; by hand where features are categorical or missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as draws
from sklearn.neighbors import NearestNeighbors

from core.metrics.nearest import FARTHEST, nearest


def no_categories(rows: int) -> np.ndarray:
    return np.empty((rows, 0), dtype=np.bool_)


def test_numbers_are_near_as_scikit_learn_finds_them() -> None:
    draw = np.random.default_rng(3)
    numbers = draw.normal(size=(400, 3)) * [1.0, 50.0, 0.01]
    deviations = numbers.std(axis=0)
    point = numbers.mean(axis=0)
    places, distances = nearest(numbers, no_categories(400), deviations, point, count=20)
    known = NearestNeighbors(n_neighbors=20).fit(numbers / deviations)
    far, found = known.kneighbors((point / deviations).reshape(1, -1))
    assert places.tolist() == found[0].tolist()
    assert distances == pytest.approx(far[0] / np.sqrt(3))


def test_a_category_counts_one_and_a_missing_number_three_deviations() -> None:
    numbers = np.array([[10.0], [12.0], [np.nan], [1000.0]])
    same = np.array([[False], [True], [True], [True]])
    places, distances = nearest(numbers, same, np.array([2.0]), np.array([10.0]), count=4)
    # By hand: sqrt((0 + 1) / 2), sqrt((1 + 0) / 2), sqrt(9 / 2) twice: no farther than missing.
    assert places.tolist() == [0, 1, 2, 3]
    assert distances == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), np.sqrt(4.5), np.sqrt(4.5)])


def test_what_both_lack_and_what_never_varies_is_no_distance() -> None:
    numbers = np.array([[np.nan, 7.0], [1.0, 9.0]])
    places, distances = nearest(
        numbers, no_categories(2), np.array([1.0, 0.0]), np.array([np.nan, 8.0]), count=2
    )
    assert places.tolist() == [0, 1]
    assert distances == pytest.approx([0.0, np.sqrt(4.5)])


def test_nothing_is_nearest_to_nothing() -> None:
    empty = np.empty((0, 2))
    places, distances = nearest(empty, no_categories(0), np.ones(2), np.zeros(2), count=5)
    assert not len(places)
    assert not len(distances)


@given(
    draws.arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.just(2)),
        elements=st.floats(-1e6, 1e6) | st.just(np.nan),
    ),
    st.integers(1, 40),
)
def test_distances_rise_and_lie_within_their_bounds(numbers: np.ndarray, count: int) -> None:
    places, distances = nearest(
        numbers, no_categories(len(numbers)), np.array([1.0, 1e3]), numbers[0], count=count
    )
    assert len(places) == min(count, len(numbers))
    assert len(set(places.tolist())) == len(places)
    assert (np.diff(distances) >= 0).all()
    assert ((distances >= 0) & (distances <= FARTHEST)).all()
    assert distances[0] == 0.0
