"""Friedman's H²: of models whose interactions are known, and of trees by loops over rows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.arrays import Floats
from core.metrics.global_view import Interaction, interactions
from core.metrics.one_thread import one_thread
from tests.core.metrics.attribution.models import model
from tests.core.metrics.attribution.people import people

# Every combination of -1 and 1 once: no field goes with another.
BALANCED = pd.DataFrame(
    np.array(np.meshgrid([-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0])).reshape(3, -1).T,
    columns=list("abc"),
)


def _of(formula: Callable[[pd.DataFrame], "pd.Series[float]"]) -> Callable[[pd.DataFrame], Floats]:
    return lambda frame: np.asarray(formula(frame), dtype=np.float64)


def test_fields_that_add_up_do_not_interact() -> None:
    found = interactions(_of(lambda x: 3 * x["a"] + x["b"] ** 3 + 7), BALANCED, "ab")
    assert found == (Interaction("a", "b", 0.0, 0.0, 8),)


def test_a_product_is_all_interaction() -> None:
    found = interactions(_of(lambda x: 5 * x["a"] * x["b"]), BALANCED, "ab")
    assert found == (Interaction("a", "b", 1.0, 5.0, 8),)


def test_a_part_of_a_product_is_a_part_of_the_variance() -> None:
    found = interactions(_of(lambda x: 2 * x["a"] + x["b"] + 3 * x["a"] * x["b"]), BALANCED, "ab")
    # Variances of the three parts: 4, 1 and 9.
    assert found[0].h2 == pytest.approx(9 / 14)
    assert found[0].strength == pytest.approx(3.0)


def test_the_strongest_pair_is_the_first() -> None:
    found = interactions(
        _of(lambda x: x["a"] * x["b"] + 4 * x["b"] * x["c"] + x["a"]), BALANCED, "abc"
    )
    assert [(each.first, each.second) for each in found] == [("b", "c"), ("a", "b"), ("a", "c")]
    assert [each.strength for each in found] == pytest.approx([4.0, 1.0, 0.0])
    assert [each.h2 for each in found] == pytest.approx([1.0, 0.5, 0.0])


def test_fields_that_move_nothing_have_no_share() -> None:
    found = interactions(_of(lambda x: 0.1 + 0 * x["a"]), BALANCED, "ab")
    assert np.isnan(found[0].h2)
    assert found[0].strength == 0.0


@pytest.mark.parametrize("name", ["histogram", "forest, numbers"])
def test_it_is_what_loops_over_the_rows_give(name: str) -> None:
    known, rows = model(name), people(25, seed=4)
    with one_thread():
        (found,) = interactions(known.raw, rows, ["income", "town"])
        joint = _by_loops(known.raw, rows, ["income", "town"])
        apart = _by_loops(known.raw, rows, ["income"]) + _by_loops(known.raw, rows, ["town"])
    rest = joint - apart
    assert found.h2 == pytest.approx(float(np.sum(rest**2) / np.sum(joint**2)), rel=1e-9)
    assert found.strength == pytest.approx(float(np.sqrt(np.mean(rest**2))), rel=1e-9)
    assert found.rows == 25


def _by_loops(
    raw: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, names: list[str]
) -> Floats:
    """Return the centred partial dependence at each row's own values, one row at a time."""
    found = []
    for place in range(len(rows)):
        asked = rows.copy()
        for name in names:
            asked[name] = rows[name].iloc[place]
        found.append(float(np.mean(raw(asked))))
    return np.asarray(np.array(found) - np.mean(found), dtype=np.float64)


@given(
    st.lists(st.floats(-10, 10), min_size=3, max_size=3),
    st.lists(st.tuples(*[st.floats(-5, 5)] * 3), min_size=2, max_size=8),
)
def test_sums_never_interact_whatever_the_rows(
    weights: list[float], rows: list[tuple[float, float, float]]
) -> None:
    table = pd.DataFrame(rows, columns=list("abc"))
    found = interactions(
        _of(lambda x: weights[0] * x["a"] + weights[1] * x["b"].abs() + weights[2] * x["c"]),
        table,
        "abc",
    )
    assert all(each.strength < 1e-9 for each in found)
