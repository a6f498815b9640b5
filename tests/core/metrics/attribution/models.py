"""Fitted models of each kind that is told exactly, and the raw output that scikit-learn gives."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, tree
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from core.metrics.attribution import Method, Space
from core.metrics.one_thread import one_thread
from tests.core.metrics.attribution.brute import Raw
from tests.core.metrics.attribution.people import (
    FIELDS,
    NUMBERS,
    WORDS,
    claims,
    defaults,
    grades,
    lines_on,
    people,
    trees_on,
)

SMALL = {"max_iter": 12, "max_leaf_nodes": 7, "min_samples_leaf": 8, "early_stopping": False}


@dataclass(frozen=True)
class Model:
    """A fitted pipeline and what is expected of it."""

    pipeline: Any
    raw: Raw
    space: Space
    method: Method
    place: int | None


@cache
def model(name: str) -> Model:
    """Return a fitted model by its name."""
    with one_thread():
        return _MODELS[name]()


def names() -> list[str]:
    """Return the names of all models."""
    return list(_MODELS)


def _log_odds(made: Any, place: int, method: Method = Method.tree, scale: float = 1.0) -> Model:
    table = people()
    made.fit(table, defaults(table))
    sign = scale if place == 1 else -scale
    return Model(made, lambda x: sign * made.decision_function(x), Space.log_odds, method, place)


def _class(made: Any, place: int, method: Method = Method.tree) -> Model:
    table = people()
    made.fit(table, grades(table))
    return Model(
        made, lambda x: made.decision_function(x)[:, place], Space.class_score, method, place
    )


def _probability(made: Any, place: int) -> Model:
    table = people()
    made.fit(table, grades(table))
    return Model(
        made, lambda x: made.predict_proba(x)[:, place], Space.probability, Method.tree, place
    )


def _log(made: Any, method: Method = Method.tree) -> Model:
    table = people()
    made.fit(table, claims(table))
    return Model(made, lambda x: np.log(made.predict(x)), Space.log, method, None)


def _plain(made: Any, method: Method = Method.tree) -> Model:
    table = people()
    made.fit(table, claims(table))
    return Model(made, made.predict, Space.identity, method, None)


def _native() -> Pipeline:
    """Return boosting that splits by categories, which stand behind the numbers."""
    code = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    encode = ColumnTransformer([("numbers", "passthrough", NUMBERS), ("words", code, WORDS)])
    trees = ensemble.HistGradientBoostingClassifier(**SMALL, categorical_features=[2, 3])
    return Pipeline([("encode", encode), ("trees", trees)])


def categories_by_type() -> tuple[Any, pd.DataFrame]:
    """Return boosting that is fitted on words of the type category, and such rows."""
    table = people().astype(dict.fromkeys(WORDS, "category"))
    made = ensemble.HistGradientBoostingClassifier(**SMALL, categorical_features="from_dtype")
    return made.fit(table[FIELDS], defaults(table)), table


_H = ensemble.HistGradientBoostingClassifier
_R = ensemble.HistGradientBoostingRegressor
_G = ensemble.GradientBoostingClassifier

_MODELS = {
    "histogram": lambda: _log_odds(trees_on(_H(**SMALL)), 1),
    "histogram, first class": lambda: _log_odds(trees_on(_H(**SMALL)), 0),
    "histogram, categories": lambda: _log_odds(_native(), 1),
    "histogram, three classes": lambda: _class(trees_on(_H(**SMALL)), 2),
    "histogram, three classes, categories": lambda: _class(_native(), 0),
    "histogram, numbers": lambda: _plain(trees_on(_R(**SMALL))),
    "histogram, counts": lambda: _log(trees_on(_R(**SMALL, loss="poisson"))),
    "boosting": lambda: _log_odds(lines_on(_G(n_estimators=12)), 1),
    "boosting, from zero": lambda: _log_odds(lines_on(_G(n_estimators=12, init="zero")), 0),
    "boosting, exponential": lambda: _log_odds(
        lines_on(_G(n_estimators=12, loss="exponential")), 1, scale=2.0
    ),
    "boosting, three classes": lambda: _class(lines_on(_G(n_estimators=6)), 1),
    "boosting, numbers": lambda: _plain(
        lines_on(ensemble.GradientBoostingRegressor(n_estimators=12, loss="huber"))
    ),
    "forest": lambda: _probability(
        trees_on(ensemble.RandomForestClassifier(n_estimators=8, random_state=0)), 1
    ),
    "forest, numbers": lambda: _plain(
        trees_on(ensemble.RandomForestRegressor(n_estimators=8, random_state=0))
    ),
    "extra trees": lambda: _probability(
        trees_on(ensemble.ExtraTreesClassifier(n_estimators=8, random_state=0)), 0
    ),
    "tree": lambda: _probability(trees_on(tree.DecisionTreeClassifier(random_state=0)), 2),
    "tree, numbers": lambda: _plain(trees_on(tree.DecisionTreeRegressor(random_state=0))),
    "least squares": lambda: _plain(lines_on(linear_model.LinearRegression()), Method.linear),
    "ridge": lambda: _plain(lines_on(linear_model.Ridge()), Method.linear),
    "lasso": lambda: _plain(lines_on(linear_model.Lasso(alpha=0.1)), Method.linear),
    "poisson": lambda: _log(lines_on(linear_model.PoissonRegressor()), Method.linear),
    "tweedie": lambda: _log(lines_on(linear_model.TweedieRegressor(power=1.5)), Method.linear),
    "logistic": lambda: _log_odds(lines_on(linear_model.LogisticRegression()), 1, Method.linear),
    "logistic, first class": lambda: _log_odds(
        lines_on(linear_model.LogisticRegression()), 0, Method.linear
    ),
    "logistic, three classes": lambda: _class(
        lines_on(linear_model.LogisticRegression()), 2, Method.linear
    ),
}
