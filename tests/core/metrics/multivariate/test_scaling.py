"""Rows as points: by hand, and beside scikit-learn's imputer and scaler."""

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from core.errors import InvalidInput, MissingColumn, NotComputable
from core.metrics.multivariate import fit_scaling

COLUMNS = {
    "size": [1.0, 3.0, None, 5.0],
    "colour": ["red", "red", "blue", None],
}


def test_by_hand() -> None:
    scaling = fit_scaling(COLUMNS, {"colour"})
    # Sizes 1, 3, (mean 3), 5: mean 3, deviation sqrt(2). Red is 3 of 4 with the missing one.
    assert scaling.features == ("size", "colour")
    assert scaling.shares == {"size": None, "colour": {"red": 0.75, "blue": 0.25}}
    assert scaling.fill.tolist() == [3, 0.75]
    assert scaling.centre.tolist() == [3, 0.625]
    np.testing.assert_allclose(scaling.scale, [np.sqrt(2), np.sqrt(0.75) / 4])
    found = scaling.points({"size": [3.0, np.inf], "colour": ["green", None], "other": [1, 2]})
    np.testing.assert_allclose(found[:, 0], 0)
    np.testing.assert_allclose(found[:, 1] * scaling.scale[1], [-0.625, 0.125])


def test_numbers_are_prepared_as_scikit_learn_does() -> None:
    draw = np.random.default_rng(2)
    values = draw.normal(5, [1.0, 10.0, 0.01], (500, 3))
    values[draw.random(values.shape) < 0.1] = np.nan
    imputed = SimpleImputer(strategy="mean").fit(values)
    scaler = StandardScaler().fit(imputed.transform(values))
    columns = {str(place): values[:, place] for place in range(3)}
    wanted = scaler.transform(imputed.transform(values))
    np.testing.assert_allclose(fit_scaling(columns, ()).points(columns), wanted, atol=1e-10)


def test_columns_without_spread_or_values_stay_where_they_are() -> None:
    columns = {"same": [0.1] * 10, "none": [None] * 10, "nothing": [None] * 10}
    scaling = fit_scaling(columns, {"nothing"})
    np.testing.assert_allclose(scaling.points(columns), np.zeros((10, 3)), atol=1e-15)
    moved = scaling.points({"same": [0.6], "none": [2.0], "nothing": ["new"]})
    np.testing.assert_allclose(moved, [[0.5, 2, 0]])


def test_what_cannot_be_read_is_refused() -> None:
    scaling = fit_scaling(COLUMNS, {"colour"})
    with pytest.raises(MissingColumn, match="size"):
        scaling.points({"colour": ["red"]})
    with pytest.raises(InvalidInput, match="size cannot be read"):
        scaling.points({"size": ["large"], "colour": ["red"]})
    with pytest.raises(InvalidInput, match="different numbers of rows"):
        scaling.points({"size": [1.0, 2.0], "colour": ["red"]})
    nothing: list[dict[str, list[float]]] = [{}, {"size": []}]
    for columns in nothing:
        with pytest.raises(NotComputable, match="no rows"):
            fit_scaling(columns, ())
