"""The gain of every cut-off, against trying each of them on the rows."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.influence import cut_off_values, gain, value_sums


def test_by_hand() -> None:
    # Scores in rising order; keeping the two highest loses 50 and 30.
    sums = value_sums([0, 0, 0, 0], [10, 20, -50, -30])
    found = cut_off_values(sums, [0, 1, 2, 3], [0, 0, 0, 0])
    assert found.gain.value.tolist() == [50, 60, 80, 30, 0]
    assert found.flagged.tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert found.best == 2
    assert found.place[found.best] == 2


def test_of_equal_cut_offs_the_one_that_flags_least_is_best() -> None:
    found = cut_off_values(value_sums([0, 0], [0, 0]), [0, 1], [0, 0])
    assert found.best == 2


def test_some_places_only() -> None:
    sums = value_sums([0, 0, 0, 0], [10, 20, -50, -30])
    found = cut_off_values(sums, [0, 1, 2, 3], [0, 0, 0, 0], places=[1, 4])
    assert found.gain.value.tolist() == [60, 0]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 5), st.sampled_from([0, 0.25, 1])
        ),
        min_size=2,
        max_size=25,
    )
)
def test_each_cut_off_is_the_paired_gain(rows: list[tuple[int, int, int, float]]) -> None:
    a, b, place, v = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    sums, order = value_sums(a, b), place.astype(int)
    found = cut_off_values(sums, order, v)
    for at in range(int(order.max()) + 2):
        expected = gain(sums, order >= at, v)
        for part in ("value", "low", "high"):
            np.testing.assert_allclose(
                getattr(found.gain, part)[at], getattr(expected, part), rtol=1e-7, atol=1e-7
            )
