"""Models that add up their columns: what each field adds is its own terms, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.attribution.spaces import Space

_IDENTITY = (
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lars",
    "LarsCV",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "TheilSenRegressor",
)
_LOG = ("GammaRegressor", "PoissonRegressor")
_CLASSES = ("LogisticRegression", "LogisticRegressionCV")


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    r"""A model whose raw output is :math:`c + \sum_j \beta_j x_j`.

    Parameters
    ----------
    coefficients : ndarray, shape (columns,)
        One a column.
    constant : float
        The intercept.
    field_of : ndarray of int, shape (columns,)
        The field of each column.
    space : Space
        The scale of the output.
    """

    coefficients: Floats
    constant: float
    field_of: Integers
    space: Space

    def matrix(self, encoded: Any) -> Floats:
        """Return the numbers that the model adds up, shape (rows, columns)."""
        return np.asarray(encoded, dtype=np.float64)

    def output(self, matrix: Floats) -> Floats:
        """Return the raw output of each row, shape (rows,)."""
        return np.asarray((matrix * self.coefficients).sum(axis=1) + self.constant)

    def attributions(self, rows: Floats, background: Floats, fields: int) -> Floats:
        r"""Return what each field adds, shape (rows, fields).

        .. math:: \phi_f = \sum_{j \in f} \beta_j (x_j - \bar b_j)

        Parameters
        ----------
        rows, background : ndarray, shapes (rows, columns) and (m, columns)
            Matrices of the decisions and of the background.
        fields : int
            How many fields there are.
        """
        effects = (rows - background.mean(axis=0)) * self.coefficients
        found = np.zeros((len(rows), fields))
        for column, field in enumerate(self.field_of):
            found[:, field] += effects[:, column]
        return found

    def attributions_each(
        self, rows: Floats, pool: Floats, draws: Sequence[Integers], fields: int
    ) -> list[Floats]:
        """Return what each field adds beside each background drawn from the pool."""
        return [self.attributions(rows, pool[draw], fields) for draw in draws]


def read_linear(estimator: Any, place: int | None, field_of: Integers) -> Linear | None:
    """Return a fitted linear model of scikit-learn, or None if it is none that is known.

    Parameters
    ----------
    estimator : object
        The fitted estimator.
    place : int, optional
        The class whose score is told, of a classifier.
    field_of : ndarray of int, shape (columns,)
        The field of each column.
    """
    name = _known().get(type(estimator))
    if name is None:
        return None
    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    constants = np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64))
    space, sign, line = _space(estimator, name), 1.0, 0
    if name in _CLASSES:
        if place is None:
            return None
        if len(coefficients) > 1:
            space, line = Space.class_score, place
        elif place == 0:
            sign = -1.0
    elif len(coefficients) > 1:
        return None
    constant = float(constants[line if constants.size > 1 else 0])
    return Linear(sign * coefficients[line], sign * constant, field_of, space)


def _known() -> Mapping[type, str]:
    from sklearn import linear_model  # noqa: PLC0415  # half a second

    names = (*_IDENTITY, *_LOG, *_CLASSES, "TweedieRegressor")
    return {getattr(linear_model, name): name for name in names}


def _space(estimator: Any, name: str) -> Space:
    if name in _CLASSES:
        return Space.log_odds
    if name in _LOG:
        return Space.log
    if name == "TweedieRegressor":
        by_power = "identity" if estimator.power <= 0 else "log"
        return Space(by_power if estimator.link == "auto" else estimator.link)
    return Space.identity
