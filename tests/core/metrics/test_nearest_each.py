"""The nearest rows to many points: each as if it were asked for by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as draws

from core.metrics import nearest_each as module
from core.metrics.nearest import nearest
from core.metrics.nearest_each import nearest_each

VALUES = st.one_of(st.integers(-40, 40).map(lambda each: each / 4), st.just(np.nan))


@given(data=st.data(), rows=st.integers(1, 12), points=st.integers(1, 6), count=st.integers(1, 14))
def test_each_point_finds_what_it_finds_alone(
    data: st.DataObject, rows: int, points: int, count: int
) -> None:
    numbers = data.draw(draws.arrays(np.float64, (rows, 2), elements=VALUES))
    asked = data.draw(draws.arrays(np.float64, (points, 2), elements=VALUES))
    codes = data.draw(draws.arrays(np.int64, (rows, 2), elements=st.integers(0, 2)))
    asked_codes = data.draw(draws.arrays(np.int64, (points, 2), elements=st.integers(0, 2)))
    deviations = np.array([2.0, data.draw(st.sampled_from([0.5, 0.0, np.nan]))])

    _, distances = nearest_each(numbers, codes, deviations, asked, asked_codes, count=count)

    assert distances.shape == (points, min(count, rows))
    for place in range(points):
        same = codes == asked_codes[place]
        _, alone = nearest(numbers, same, deviations, asked[place], count=count)
        assert distances[place] == pytest.approx(alone)


def test_equally_near_rows_keep_their_order_in_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CELLS", 3)  # a part for each point
    numbers, none = np.array([[1.0], [3.0], [1.0]]), np.empty((3, 0), np.int64)
    points, without = np.array([[1.0], [3.0]]), np.empty((2, 0), np.int64)
    places, distances = nearest_each(numbers, none, np.array([2.0]), points, without, count=2)
    # By hand: from 1 the rows lie 0, 1 and 0 deviations away; from 3 they lie 1, 0 and 1.
    assert places.tolist() == [[0, 2], [1, 0]]
    assert distances.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_without_rows_or_features_nothing_is_near() -> None:
    no_codes = np.empty((0, 0), np.int64)
    point, without = np.array([[1.0]]), np.empty((1, 0), np.int64)
    places, distances = nearest_each(
        np.empty((0, 1)), no_codes, np.array([1.0]), point, without, count=3
    )
    assert places.shape == distances.shape == (1, 0)
