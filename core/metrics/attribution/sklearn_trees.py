"""The tree ensembles of scikit-learn, read as forests that give the same raw output.

What an ensemble's own prediction does is followed to the letter: numbers that are rounded to single
precision, categories by bits, missing and unknown values to the side that the split learned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.attribution.forest import CODES, Forest, Nodes, numbers_only
from core.metrics.attribution.spaces import Space
from core.metrics.attribution.tree_shapley import tree_attributions_each

_HISTOGRAM_SPACES: Mapping[str, Space] = {
    "absolute_error": Space.identity,
    "gamma": Space.log,
    "poisson": Space.log,
    "quantile": Space.identity,
    "squared_error": Space.identity,
}
# An exponential loss tells half the log odds.
_CLASS_SCALES: Mapping[str, float] = {"log_loss": 1.0, "exponential": 2.0}


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A tree ensemble that was read.

    Parameters
    ----------
    forest : Forest
        Its trees.
    space : Space
        The scale of the output.
    matrix : callable
        Makes what the trees read of what the estimator is given.
    """

    forest: Forest
    space: Space
    matrix: Callable[[Any], Floats]

    def output(self, matrix: Floats) -> Floats:
        """Return the raw output of each row, shape (rows,)."""
        return self.forest.output(matrix)

    def attributions_each(
        self, rows: Floats, pool: Floats, draws: Sequence[Integers], fields: int
    ) -> list[Floats]:
        """Return what each field adds beside each background, shape (rows, fields)."""
        return tree_attributions_each(self.forest, rows, pool, draws, fields)


def read_trees(estimator: Any, place: int | None, field_of: Integers) -> Trees | None:
    """Return a fitted tree ensemble as a forest, or None if it is none that is known.

    Parameters
    ----------
    estimator : object
        The fitted estimator.
    place : int, optional
        The class whose score is told, of a classifier.
    field_of : ndarray of int, shape (columns,)
        The field of each column that the estimator is given.
    """
    reader = _readers().get(type(estimator))
    if reader is None or (hasattr(estimator, "classes_") and place is None):
        return None
    return reader(estimator, place, field_of)


def _readers() -> Mapping[type, Callable[[Any, int | None, Integers], Trees | None]]:
    from sklearn import ensemble, tree  # noqa: PLC0415  # a second

    return {
        ensemble.HistGradientBoostingClassifier: _histogram,
        ensemble.HistGradientBoostingRegressor: _histogram,
        ensemble.GradientBoostingClassifier: _boosted,
        ensemble.GradientBoostingRegressor: _boosted,
        ensemble.RandomForestClassifier: _averaged,
        ensemble.RandomForestRegressor: _averaged,
        ensemble.ExtraTreesClassifier: _averaged,
        ensemble.ExtraTreesRegressor: _averaged,
        tree.DecisionTreeClassifier: _averaged,
        tree.DecisionTreeRegressor: _averaged,
        tree.ExtraTreeClassifier: _averaged,
        tree.ExtraTreeRegressor: _averaged,
    }


def _histogram(estimator: Any, place: int | None, field_of: Integers) -> Trees | None:
    """Read histogram gradient boosting, which puts categories before numbers."""
    many = estimator.n_trees_per_iteration_ > 1
    space = _HISTOGRAM_SPACES.get(estimator.loss) if place is None else _class_space(many)
    if space is None:
        return None
    which, sign = (place or 0) if many else 0, _sign(place, many)
    trees = [_histogram_nodes(iteration[which], sign) for iteration in estimator._predictors]
    is_category = estimator.is_categorical_
    order = np.arange(len(field_of))
    if is_category is not None:
        order = np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])
    constant = sign * float(estimator._baseline_prediction[0, which])

    def matrix(encoded: Any) -> Floats:
        return np.asarray(estimator._preprocess_X(encoded, reset=False), dtype=np.float64)

    return Trees(Forest.of(trees, field_of[order], constant), space, matrix)


def _histogram_nodes(predictor: Any, sign: float) -> Nodes:
    """Read a tree; categories that training did not have are missing by now, as `matrix` has it."""
    made = predictor.nodes
    is_leaf = made["is_leaf"].astype(np.bool_)
    nodes = numbers_only(
        np.where(is_leaf, -1, made["feature_idx"]),
        made["num_threshold"],
        made["missing_go_to_left"],
        made["left"],
        made["right"],
        sign * made["value"],
    )
    splits = np.flatnonzero(made["is_categorical"].astype(np.bool_) & ~is_leaf)
    if not splits.size:
        return nodes
    chosen = nodes.chosen.copy()
    chosen[splits] = np.arange(splits.size)
    bits = predictor.raw_left_cat_bitsets[made["bitset_idx"][splits]]
    sets = np.stack([_codes_of(words) for words in bits])
    return replace(nodes, chosen=chosen, sets=sets)


def _codes_of(bits: Any) -> Booleans:
    """Return which of the codes are set in eight numbers of 32 bits."""
    codes = np.arange(CODES)
    words = np.asarray(bits, dtype=np.int64)[codes // 32]
    return np.asarray((words >> (codes % 32)) & 1, dtype=np.bool_)


def _boosted(estimator: Any, place: int | None, field_of: Integers) -> Trees | None:
    """Read gradient boosting, if it begins with the same number for every row."""
    from sklearn.dummy import DummyClassifier, DummyRegressor  # noqa: PLC0415

    prior = estimator.init_
    if not (
        (isinstance(prior, str) and prior == "zero")
        or type(prior) is DummyRegressor
        or (type(prior) is DummyClassifier and prior.strategy not in {"stratified", "uniform"})
    ):
        return None
    many = estimator.n_trees_per_iteration_ > 1
    space = Space.identity if place is None else _class_space(many)
    which = (place or 0) if many else 0
    scale = _sign(place, many) * _CLASS_SCALES.get(estimator.loss, 1.0)
    trees = [
        _nodes(stage[which].tree_, 0, scale * estimator.learning_rate)
        for stage in estimator.estimators_
    ]
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))
    constant = scale * float(start[0, which])
    return Trees(Forest.of(trees, field_of, constant), space, _single)


def _class_space(many: bool) -> Space:
    return Space.class_score if many else Space.log_odds


def _sign(place: int | None, many: bool) -> float:
    """Return -1 where the first of two classes is asked for: boosting tells the second."""
    return -1.0 if place == 0 and not many else 1.0


def _averaged(estimator: Any, place: int | None, field_of: Integers) -> Trees | None:
    """Read trees that are averaged, or one by itself."""
    if estimator.n_outputs_ > 1:
        return None
    members: Sequence[Any] = getattr(estimator, "estimators_", [estimator])
    trees = [_nodes(each.tree_, place or 0, 1.0 / len(members)) for each in members]
    space = Space.identity if place is None else Space.probability
    return Trees(Forest.of(trees, field_of, 0.0), space, _single)


def _nodes(tree: Any, place: int, scale: float) -> Nodes:
    is_leaf = tree.children_left < 0
    return numbers_only(
        np.where(is_leaf, -1, tree.feature),
        tree.threshold,
        tree.missing_go_to_left,
        tree.children_left,
        tree.children_right,
        scale * tree.value[:, 0, place],
    )


def _single(encoded: Any) -> Floats:
    """Return numbers as trees of scikit-learn read them: rounded to single precision."""
    return np.asarray(encoded, dtype=np.float32).astype(np.float64)
