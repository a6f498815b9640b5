"""Linear models: terms by hand, and each model's own raw output."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import linear_model

from core.metrics.attribution import Space
from core.metrics.attribution.linear import Linear, read_linear

FIELDS = np.array([0, 1, 1])


def test_terms_are_added_up_by_field() -> None:
    model = Linear(np.array([2.0, -1.0, 10.0]), 5.0, FIELDS, Space.identity)
    rows = np.array([[3.0, 4.0, 1.0]])
    background = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 1.0]])
    # Means 1.5, 3 and 0.5: 2 * 1.5, and -1 * 1 + 10 * 0.5.
    assert model.attributions(rows, background, 3).tolist() == [[3.0, 4.0, 0.0]]
    assert model.output(rows).tolist() == [17.0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_of_three_classes_is_read(place: int) -> None:
    matrix, target = _data()
    model = linear_model.LogisticRegression().fit(matrix, np.digitize(target, [-0.5, 0.5]))
    found = _read(model, place)
    assert found.space is Space.class_score
    assert found.output(matrix) == pytest.approx(model.decision_function(matrix)[:, place])


@pytest.mark.parametrize("place", [0, 1])
def test_log_odds_are_those_of_the_class(place: int) -> None:
    matrix, target = _data()
    model = linear_model.LogisticRegression(solver="liblinear").fit(matrix, target > 0)
    found = _read(model, place)
    chance = model.predict_proba(matrix)[:, place]
    assert found.output(matrix) == pytest.approx(np.log(chance / (1 - chance)))
    assert found.space.score(found.output(matrix)) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("model", "space"),
    [
        (linear_model.TweedieRegressor(power=0), Space.identity),
        (linear_model.TweedieRegressor(power=1.5), Space.log),
        (linear_model.TweedieRegressor(power=1, link="identity", alpha=5), Space.identity),
        (linear_model.GammaRegressor(), Space.log),
        (linear_model.PoissonRegressor(), Space.log),
        (linear_model.HuberRegressor(), Space.identity),
        (linear_model.BayesianRidge(), Space.identity),
        (linear_model.QuantileRegressor(alpha=0.01), Space.identity),
        (linear_model.ElasticNet(alpha=0.01, fit_intercept=False), Space.identity),
    ],
)
def test_the_scale_is_that_of_the_link(model: Any, space: Space) -> None:
    matrix, target = _data()
    model.fit(matrix, 5 + target - target.min())
    found = _read(model, None)
    assert found.space is space
    assert space.score(found.output(matrix)) == pytest.approx(model.predict(matrix))


def test_what_is_not_known_is_not_read() -> None:
    matrix, target = _data()
    both = linear_model.LinearRegression().fit(matrix, np.stack([target, -target], axis=1))
    assert read_linear(both, None, FIELDS) is None
    classes = linear_model.LogisticRegression().fit(matrix, target > 0)
    assert read_linear(classes, None, FIELDS) is None  # of which class is not said
    assert read_linear(linear_model.RidgeClassifier().fit(matrix, target > 0), 1, FIELDS) is None


def test_one_target_in_a_column_is_read() -> None:
    matrix, target = _data()
    model = linear_model.LinearRegression().fit(matrix, target[:, None])
    assert _read(model, None).output(matrix) == pytest.approx(model.predict(matrix)[:, 0])


def test_scores_of_other_scales_are_as_they_are() -> None:
    assert Space.probability.score(np.array([0.3])).tolist() == [0.3]
    assert Space.class_score.score(np.array([-2.0])).tolist() == [-2.0]
    assert Space.log.score(np.array([0.0, 1.0])) == pytest.approx([1, np.e])
    # Log odds so large that an exponential would overflow.
    assert Space.log_odds.score(np.array([-800.0, 0.0, 800.0])).tolist() == [0.0, 0.5, 1.0]


def _read(model: Any, place: int | None) -> Linear:
    found = read_linear(model, place, FIELDS)
    assert found is not None
    return found


def _data() -> tuple[Any, Any]:
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(200, 3))
    return matrix, matrix @ [0.5, -1.0, 0.2] + draw.normal(0, 0.3, 200)


def test_named_columns_are_read_too() -> None:
    matrix, target = _data()
    table = pd.DataFrame(matrix, columns=list("abc"))
    model = linear_model.Ridge().fit(table, target)
    found = _read(model, None)
    assert found.output(found.matrix(table)) == pytest.approx(model.predict(table))
