"""Applicants who are made up: numbers with gaps, and words."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from core.metrics.arrays import AnyArray, Floats

TOWNS = ["Central", "Sha Tin", "Tai Po", "Yuen Long"]
NUMBERS, WORDS = ["age", "income"], ["town", "home"]
FIELDS = ["income", "town", "age", "home"]  # words between numbers: columns change places


def people(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Return applicants; one income in ten is missing."""
    draw = np.random.default_rng(seed)
    income = np.round(draw.gamma(3, 10, rows) * 8) / 8
    income[draw.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "income": income,
            "town": draw.choice(TOWNS, rows),
            "age": draw.integers(18, 80, rows),
            "home": draw.choice(["owns", "rents"], rows),
        }
    )


def defaults(table: pd.DataFrame, seed: int = 1) -> AnyArray:
    """Return who defaults: the young who rent on a low income, most of all in one town."""
    chance = 1 / (1 + np.exp(-_risk(table)))
    return np.asarray(np.random.default_rng(seed).random(len(table)) < chance).astype(np.int64)


def claims(table: pd.DataFrame, seed: int = 1) -> AnyArray:
    """Return how many claims each has made."""
    draw = np.random.default_rng(seed)
    return np.asarray(draw.poisson(np.exp(0.5 * _risk(table))), dtype=np.int64)


def grades(table: pd.DataFrame) -> AnyArray:
    """Return one of three grades each."""
    noise = np.random.default_rng(2).normal(0, 0.5, len(table))
    return np.digitize(_risk(table) + noise, [-0.5, 0.8])


def trees_on(estimator: Any) -> Pipeline:
    """Return an estimator behind one-hot towns, ordinal homes and plain numbers."""
    encode = ColumnTransformer(
        [
            ("towns", OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["town"]),
            ("homes", OrdinalEncoder(), ["home"]),
        ],
        remainder="passthrough",
    )
    return Pipeline([("encode", encode), ("trees", estimator)])


def lines_on(estimator: Any) -> Pipeline:
    """Return an estimator behind filled, flagged and scaled numbers, and one-hot words."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    encode = ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("words", OneHotEncoder(drop="first"), WORDS)]
    )
    return Pipeline(
        [("encode", encode), ("scale", StandardScaler(with_mean=False)), ("m", estimator)]
    )


def _risk(table: pd.DataFrame) -> Floats:
    income = table["income"].fillna(20).to_numpy(dtype=np.float64)
    young = (table["age"] < 35).to_numpy(dtype=np.float64)
    rents = (table["home"] == "rents").to_numpy(dtype=np.float64)
    far = (table["town"] == "Yuen Long").to_numpy(dtype=np.float64)
    return 1.5 * rents * young + far * young - (income - 25) / 12
