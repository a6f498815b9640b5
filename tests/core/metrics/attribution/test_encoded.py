"""The mapping from a pipeline's columns to the fields that they are made of."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import preprocessing as made
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.tree import DecisionTreeRegressor

from core.metrics.attribution.encoded import Encoding, encoding_of
from tests.core.metrics.attribution.people import FIELDS, NUMBERS, TOWNS, WORDS, people

NUMBER_STEPS: dict[str, Any] = {
    "as it is": lambda: "passthrough",
    "scaled": lambda: made.StandardScaler(),
    "robust": lambda: made.RobustScaler(),
    "filled": lambda: make_pipeline(SimpleImputer(), made.MinMaxScaler()),
    "filled and flagged": lambda: SimpleImputer(strategy="median", add_indicator=True),
    "flags": lambda: MissingIndicator(),
    "in bins": lambda: make_pipeline(
        SimpleImputer(), made.KBinsDiscretizer(4, encode="onehot", quantile_method="linear")
    ),
    "in numbered bins": lambda: make_pipeline(
        SimpleImputer(),
        made.KBinsDiscretizer(3, encode="ordinal", quantile_method="linear"),
    ),
    "the steady ones": lambda: make_pipeline(SimpleImputer(), VarianceThreshold()),
    "twice": lambda: FeatureUnion(
        [("filled", SimpleImputer()), ("flags", MissingIndicator()), ("none", "drop")]
    ),
    "through nothing": lambda: made.FunctionTransformer(),
    "left out": lambda: "drop",
}
WORD_STEPS: dict[str, Any] = {
    "one-hot": lambda: made.OneHotEncoder(handle_unknown="ignore"),
    "one-hot but the first": lambda: made.OneHotEncoder(drop="first"),
    "one-hot, two as one": lambda: made.OneHotEncoder(drop="if_binary"),
    "one-hot, rare together": lambda: made.OneHotEncoder(max_categories=3),
    "numbered": lambda: made.OrdinalEncoder(),
    "numbered, then one-hot": lambda: make_pipeline(made.OrdinalEncoder(), made.OneHotEncoder()),
}


class _Counts(BaseEstimator):  # type: ignore[misc]
    """Takes any matrix, and remembers how wide it was."""

    def fit(self, matrix: Any, _: Any) -> "_Counts":
        self.n_features_in_ = matrix.shape[1]
        return self


@pytest.mark.parametrize("number", sorted(NUMBER_STEPS))
@given(
    word=st.sampled_from(sorted(WORD_STEPS)),
    order=st.permutations(FIELDS),
    words_first=st.booleans(),
    sparse=st.booleans(),
    seed=st.integers(0, 3),
)
@settings(max_examples=10, deadline=None)
def test_a_field_that_changes_changes_its_own_columns_alone(
    number: str, word: str, order: list[str], words_first: bool, sparse: bool, seed: int
) -> None:
    parts = [("numbers", NUMBER_STEPS[number](), NUMBERS), ("words", WORD_STEPS[word](), WORDS)]
    encode = ColumnTransformer(
        parts[::-1] if words_first else parts, sparse_threshold=float(sparse)
    )
    table = people(80, seed)[order]
    encoding = _fitted(encode, table)
    before = np.asarray(encoding.transform(table), dtype=np.float64)
    assert before.shape[1] == len(encoding.field_of)
    for place, field in enumerate(order):
        other = table.assign(**{field: _changed(table[field])})
        after = np.asarray(encoding.transform(other), dtype=np.float64)
        differ = ((before != after) & ~(np.isnan(before) & np.isnan(after))).any(axis=0)
        own = encoding.field_of == place
        assert not differ[~own].any()
        assert differ[own].any() or not own.any()  # none is said to be of a field that it ignores


def _changed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return other values of the same kind, and gaps where there were none."""
    if column.name == "income":
        return column.fillna(90.0).where(column.isna())
    if column.name == "age":
        return 97 - column
    values = TOWNS if column.name == "town" else ["owns", "rents"]
    return column.map(dict(zip(values, values[1:] + values[:1], strict=True)))


def _fitted(encode: Any, table: pd.DataFrame) -> Encoding:
    pipeline = Pipeline([("encode", encode), ("model", _Counts())])
    encoding = encoding_of(pipeline.fit(table, np.arange(len(table))))
    assert encoding is not None
    return encoding


def test_columns_are_named_by_hand() -> None:
    encode = ColumnTransformer(
        [
            ("town", made.OneHotEncoder(), [1]),
            ("gone", "drop", ["age"]),
            ("income", SimpleImputer(add_indicator=True), slice(0, 1)),
        ],
        remainder=made.OrdinalEncoder(),
    )
    encoding = _fitted(encode, people(80))
    assert encoding.fields == tuple(FIELDS)
    # four towns, income, whether it is missing, home
    assert encoding.field_of.tolist() == [1, 1, 1, 1, 0, 0, 3]


def test_steps_that_do_nothing_are_passed() -> None:
    encode = ColumnTransformer(
        [("numbers", make_pipeline("passthrough", made.StandardScaler()), ["age"])],
        remainder="drop",
    )
    table = people(80)
    pipeline = Pipeline(
        [("encode", encode), ("nothing", "passthrough"), ("no more", None), ("model", _Counts())]
    )
    encoding = encoding_of(pipeline.fit(table, np.arange(80)))
    assert encoding is not None
    assert encoding.field_of.tolist() == [2]


def test_columns_may_be_chosen_by_a_mask_and_by_what_they_hold() -> None:
    def words(frame: pd.DataFrame) -> list[str]:
        return [name for name in frame.columns if name in WORDS]

    encode = ColumnTransformer(
        [
            ("numbers", "passthrough", [True, False, True, False]),
            ("words", made.OrdinalEncoder(), words),
        ]
    )
    assert _fitted(encode, people(80)).field_of.tolist() == [0, 2, 1, 3]


def test_targets_of_several_classes_make_a_column_of_each() -> None:
    table = people(90)[WORDS]
    pipeline = make_pipeline(made.TargetEncoder(cv=2), DecisionTreeRegressor())
    encoding = encoding_of(pipeline.fit(table, np.arange(90) % 3))
    assert encoding is not None
    assert encoding.field_of.tolist() == [0, 0, 0, 1, 1, 1]
    two = encoding_of(pipeline.fit(table, np.arange(90) % 2))
    assert two is not None
    assert two.field_of.tolist() == [0, 1]


def test_a_number_that_was_always_missing_leaves_no_column() -> None:
    table = people(60)[["income", "age"]].assign(income=np.nan)
    pipeline = make_pipeline(SimpleImputer(), DecisionTreeRegressor())
    with pytest.warns(UserWarning, match="without any observed values"):
        encoding = encoding_of(pipeline.fit(table, np.arange(60)))
    assert encoding is not None
    assert encoding.field_of.tolist() == [1]
    kept = make_pipeline(SimpleImputer(keep_empty_features=True), DecisionTreeRegressor())
    whole = encoding_of(kept.fit(table, np.arange(60)))
    assert whole is not None
    assert whole.field_of.tolist() == [0, 1]


def test_chosen_columns_keep_their_fields() -> None:
    table = pd.DataFrame(np.random.default_rng(0).random((50, 4)), columns=list("abcd"))
    target = table["b"] + 2 * table["d"]
    pipeline = make_pipeline(SelectKBest(k=2), LinearRegression())
    with np.errstate(all="ignore"):
        encoding = encoding_of(pipeline.fit(table, np.rint(target * 3)))
    assert encoding is not None
    assert encoding.field_of.tolist() == [1, 3]


def test_a_bare_estimator_sees_the_fields_themselves() -> None:
    table = people(50)[["age"]]
    model = DecisionTreeRegressor().fit(table, np.arange(50))
    encoding = encoding_of(model)
    assert encoding is not None
    assert encoding.field_of.tolist() == [0]
    assert encoding.transform(people(5)).columns.tolist() == ["age"]


@pytest.mark.parametrize(
    "step",
    [
        PCA(2),
        made.PolynomialFeatures(2),
        made.Normalizer(),
        KNNImputer(),
        made.FunctionTransformer(np.cumsum, kw_args={"axis": 1}),
        make_pipeline(made.StandardScaler(), PCA(1)),
        ColumnTransformer([("mixed", PCA(1), ["a", "b"])], remainder="passthrough"),
        FeatureUnion([("plain", made.StandardScaler()), ("mixed", PCA(1))]),
        made.SplineTransformer(),
        make_pipeline(PCA(2), made.StandardScaler()),
        # A slice by names takes its end too, unlike one by places.
        ColumnTransformer([("ab", "passthrough", slice("a", "b"))], remainder="drop"),
    ],
)
def test_what_is_not_known_to_keep_fields_apart_is_not_read(step: Any) -> None:
    table = pd.DataFrame(np.random.default_rng(0).random((30, 3)), columns=list("abc"))
    pipeline = make_pipeline(step, LinearRegression()).fit(table, np.arange(30))
    assert encoding_of(pipeline) is None


def test_a_model_without_names_is_not_read() -> None:
    assert encoding_of(LinearRegression().fit([[0.0], [1.0]], [0, 1])) is None
