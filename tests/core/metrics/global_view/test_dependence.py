"""Partial dependence: by hand, and as scikit-learn finds it by brute force."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.inspection import partial_dependence

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.global_view import Grid, dependence
from core.metrics.global_view.dependence import outputs
from core.metrics.one_thread import one_thread
from tests.core.metrics.attribution.models import model
from tests.core.metrics.attribution.people import people


def _product(frame: pd.DataFrame) -> Floats:
    return (frame["x"] * frame["z"]).to_numpy(dtype=np.float64)


def test_means_and_bands_by_hand() -> None:
    rows = pd.DataFrame({"x": [9.0, 9.0, 9.0], "z": [0.0, 1.0, 5.0]})
    found = dependence(_product, rows, "x", Grid((1.0, 2.0), (7, 8)), is_number=True)
    assert found.mean == (2.0, 4.0)  # the mean of z is 2
    # Of 0, 1 and 5 the first tenth lies a fifth of the way to 1, the last four fifths of it to 5.
    assert found.low == pytest.approx((0.2, 0.4))
    assert found.high == pytest.approx((4.2, 8.4))
    assert (found.counts, found.rows, found.spread) == ((7, 8), 3, 2.0)
    assert found.groups == ()


def test_groups_are_of_rows_that_are_moved_alike() -> None:
    z = np.repeat([-2.0, -1.0, 0.0, 1.0, 2.0], 20)
    rows = pd.DataFrame({"x": 0.0, "z": np.random.default_rng(0).permutation(z)})
    found = dependence(_product, rows, "x", Grid((1.0, 3.0), (50, 50)), is_number=True)
    assert found.groups == ((0.0, -4.0), (0.0, -2.0), (0.0, 0.0), (0.0, 2.0), (0.0, 4.0))
    few = dependence(_product, rows.iloc[1:], "x", Grid((1.0, 3.0), (50, 50)), is_number=True)
    assert few.groups == ()  # fewer than twenty rows in a group


@pytest.mark.parametrize("name", ["histogram", "logistic, first class", "forest, numbers"])
@pytest.mark.parametrize("field", ["income", "age", "town"])
def test_it_is_what_scikit_learn_finds_by_brute_force(name: str, field: str) -> None:
    known, rows = model(name), people(80, seed=5)
    rows = rows.astype({"age": np.float64})  # it refuses to put quantiles among whole numbers
    words = ["town", "home"] if field == "town" else None
    with one_thread():
        theirs: Any = partial_dependence(
            known.pipeline,
            rows.dropna() if field == "income" else rows,
            [field],
            categorical_features=words,
            response_method="auto" if known.place is None else "predict_proba",
            method="brute",
            kind="both",
            grid_resolution=7,
        )
        kept = rows.dropna() if field == "income" else rows
        found = outputs(_score(known), kept, {field: theirs["grid_values"][0].tolist()})
    place = known.place if known.place is not None else 0
    individual = theirs["individual"]
    if known.place is not None and individual.shape[0] == 1:
        expected = individual[0] if place == 1 else 1.0 - individual[0]
    else:
        expected = individual[place]
    np.testing.assert_allclose(found, expected.T, rtol=0, atol=1e-9)


def _score(known: Any) -> Any:
    if known.place is None:
        return known.pipeline.predict
    return lambda frame: known.pipeline.predict_proba(frame)[:, known.place]


def test_a_missing_value_is_asked_for_as_one() -> None:
    def is_missing(frame: pd.DataFrame) -> Floats:
        return np.asarray(frame["x"].isna(), dtype=np.float64)

    for column in (np.array([1, 2]), np.array(["a", "b"], dtype=object)):
        rows = pd.DataFrame({"x": column})
        grid = Grid((column[0], None), (1, 1))
        assert dependence(is_missing, rows, "x", grid, is_number=False).mean == (0.0, 1.0)


def test_many_rows_are_asked_for_in_parts() -> None:
    asked: list[int] = []

    def predict(frame: pd.DataFrame) -> Floats:
        asked.append(len(frame))
        return _product(frame)

    rows = pd.DataFrame({"x": 0.0, "z": np.arange(20_000.0)})
    found = outputs(predict, rows, {"x": [1.0, 2.0, 3.0]})
    assert asked == [40_000, 20_000]
    np.testing.assert_array_equal(found, np.outer([1.0, 2.0, 3.0], np.arange(20_000.0)))


def test_nothing_to_ask_is_refused() -> None:
    rows = pd.DataFrame({"x": [1.0], "z": [1.0]})
    with pytest.raises(InvalidInput):
        outputs(_product, rows, {"x": ()})
    with pytest.raises(InvalidInput):
        outputs(_product, rows.iloc[:0], {"x": (1.0,)})


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=6),
    st.lists(st.floats(-100, 100), min_size=1, max_size=10),
)
def test_the_band_holds_where_rows_add_up(values: list[float], others: list[float]) -> None:
    """Where fields add up, every row is moved alike: the curve is the field's own part."""
    rows = pd.DataFrame({"x": 0.0, "z": others})
    grid = Grid(tuple(values), (1,) * len(values))

    def total(frame: pd.DataFrame) -> Floats:
        return (frame["x"] + frame["z"]).to_numpy(dtype=np.float64)

    found = dependence(total, rows, "x", grid, is_number=True)
    np.testing.assert_allclose(found.mean, np.array(values) + np.mean(others), atol=1e-9)
    widths = np.array(found.high) - np.array(found.low)
    np.testing.assert_allclose(widths, widths[0], atol=1e-9)
