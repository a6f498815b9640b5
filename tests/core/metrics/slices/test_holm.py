"""Holm's correction by hand and by its definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.slices import holm

P = st.floats(0, 1)


def test_four_comparisons_by_hand() -> None:
    # 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04, which may not fall below the one before.
    assert np.allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_what_was_not_judged_does_not_count() -> None:
    found = holm([[0.02, np.nan], [0.5, 0.9]])
    assert np.allclose(found, [[0.06, np.nan], [1.0, 1.0]], equal_nan=True)
    assert holm([]).size == 0


@given(st.lists(P, min_size=1, max_size=40), st.floats(0.001, 0.5))
def test_it_rejects_what_holms_steps_reject(values: list[float], level: float) -> None:
    adjusted = holm(values)
    assert (adjusted >= np.asarray(values)).all()
    rejected = np.zeros(len(values), dtype=bool)
    for step, place in enumerate(np.argsort(values, kind="stable")):
        product = values[place] * (len(values) - step)
        if product > level:
            break
        rejected[place] = True
    assert (adjusted[rejected] <= level).all()
    assert (adjusted[~rejected] > level).all() or level >= 1


@given(st.lists(P, min_size=2, max_size=20))
def test_the_order_of_comparisons_does_not_matter(values: list[float]) -> None:
    order = np.random.default_rng(len(values)).permutation(len(values))
    assert np.array_equal(holm(np.asarray(values)[order]), holm(values)[order])
