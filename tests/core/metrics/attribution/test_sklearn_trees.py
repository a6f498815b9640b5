"""Forests that are read give scikit-learn's own raw output, to the last digits."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from core.metrics.attribution.encoded import encoding_of
from core.metrics.attribution.sklearn_trees import Trees, read_trees
from core.metrics.one_thread import one_thread
from tests.core.metrics.attribution.models import categories_by_type, model, names
from tests.core.metrics.attribution.people import people

ENSEMBLES = [name for name in names() if name.startswith(("hist", "boost", "for", "extra", "tree"))]


@pytest.mark.parametrize("name", ENSEMBLES)
def test_the_raw_output_is_the_models_own(name: str) -> None:
    made = model(name)
    table = people(500, seed=3)
    trees, matrix = _read(made.pipeline, made.place, table)
    assert np.isnan(matrix).any() or name.startswith("boosting")
    with one_thread():
        expected = made.raw(table)
    np.testing.assert_allclose(trees.output(matrix), expected, rtol=1e-12, atol=1e-12)


def test_splits_by_category_are_read_with_the_side_of_what_is_unknown() -> None:
    made = model("histogram, categories")
    table = people(200, seed=4)
    table.loc[:99, "town"] = "Cheung Chau"
    trees, matrix = _read(made.pipeline, 1, table)
    splits = trees.forest.nodes.chosen >= 0
    assert splits.any()
    # Categories stand first in the matrix, as the ensemble puts them: town and home.
    assert set(trees.forest.field[splits]) <= {1, 3}
    np.testing.assert_allclose(trees.output(matrix), made.raw(table), rtol=0, atol=1e-12)


def test_categories_by_type_are_read() -> None:
    made, table = categories_by_type()
    trees, matrix = _read(made, 1, table)
    assert (trees.forest.nodes.chosen >= 0).any()
    np.testing.assert_allclose(
        trees.output(matrix), made.decision_function(table), rtol=0, atol=1e-12
    )


def test_numbers_are_rounded_as_trees_round_them() -> None:
    numbers = np.arange(40.0)
    tree = DecisionTreeRegressor().fit(numbers[:, None], numbers)
    trees = read_trees(tree, None, np.array([0]))
    assert trees is not None
    # Between 20 and 21 the split is at 20.5; the next double above it is 20.5 in single precision.
    above = np.array([[20.5], [np.nextafter(20.5, 30)], [20.5 + 1e-5]])
    assert (
        trees.output(trees.matrix(above)).tolist() == tree.predict(above).tolist() == [20, 20, 21]
    )


def test_many_rows_are_walked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.metrics.attribution.forest._AT_ONCE", 100)
    made = model("forest")
    table = people(70, seed=3)
    trees, matrix = _read(made.pipeline, 1, table)
    np.testing.assert_allclose(trees.output(matrix), made.raw(table), rtol=0, atol=1e-12)


def test_what_is_not_known_is_not_read() -> None:
    table = people(60)[["income", "age"]]
    two = RandomForestRegressor(n_estimators=2).fit(table, table[["age", "age"]].to_numpy())
    assert read_trees(two, None, np.array([0, 1])) is None
    classes = HistGradientBoostingClassifier(max_iter=1).fit(table, np.arange(60) % 2)
    assert read_trees(classes, None, np.array([0, 1])) is None  # of which class is not said
    numbers = HistGradientBoostingRegressor(max_iter=1).fit(table, np.arange(60))
    numbers.loss = "of another release"
    assert read_trees(numbers, None, np.array([0, 1])) is None
    assert read_trees(object(), None, np.array([0, 1])) is None


def _read(pipeline: Any, place: int | None, table: Any) -> tuple[Trees, Any]:
    encoding = encoding_of(pipeline)
    assert encoding is not None
    trees = read_trees(encoding.estimator, place, encoding.field_of)
    assert trees is not None
    return trees, trees.matrix(encoding.transform(table))
