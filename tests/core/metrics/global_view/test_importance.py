"""Mean absolute attributions: by hand, and those that shap's own values give."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from core.errors import InvalidInput
from core.metrics.attribution import attribute
from core.metrics.global_view import importance
from core.metrics.one_thread import one_thread

NAMES = list("abcd")


def test_means_errors_and_shares_by_hand() -> None:
    found = importance([[1.0, -2.0, 0.0], [-3.0, 2.0, 0.0], [2.0, 5.0, 0.0]], ["a", "b", "c"])
    assert [each.field for each in found] == ["b", "a", "c"]
    b, a, c = found
    assert (b.mean, a.mean, c.mean) == (3.0, 2.0, 0.0)
    # |b| is 2, 2, 5: a variance of 3, over three rows.
    assert (b.error, a.error, c.error) == pytest.approx((1.0, (1.0 / 3) ** 0.5, 0.0))
    assert (b.share, a.share, c.share) == pytest.approx((0.6, 0.4, 0.0))


def test_a_model_that_nothing_moves_has_no_shares() -> None:
    assert [each.share for each in importance(np.zeros((4, 2)), "ab")] == [0.0, 0.0]


@pytest.mark.parametrize("values", [[[1.0, 2.0]], [[1.0], [2.0]], [1.0, 2.0]])
def test_too_little_to_average_is_refused(values: Any) -> None:
    with pytest.raises(InvalidInput):
        importance(values, "ab")


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=2, max_size=8),
    st.permutations([0, 1, 2]),
)
def test_shares_add_up_and_follow_the_fields(rows: list[list[float]], order: list[int]) -> None:
    values = np.array(rows)
    found = importance(values, "abc")
    assert sum(each.share for each in found) == pytest.approx(1.0 if values.any() else 0.0)
    assert [each.mean for each in found] == sorted((each.mean for each in found), reverse=True)
    again = importance(values[:, order], ["abc"[place] for place in order])
    means = {each.field: each.mean for each in again}
    assert means == pytest.approx({each.field: each.mean for each in found})


@pytest.mark.parametrize(
    ("model", "explainer"),
    [
        (HistGradientBoostingClassifier(max_iter=20, random_state=0), shap.TreeExplainer),
        (LogisticRegression(), shap.LinearExplainer),
    ],
)
def test_it_is_the_mean_of_shaps_own_values(model: Any, explainer: Any) -> None:
    rows, beside = _table(200, 1), _table(50, 2)
    with one_thread():
        model.fit(table := _table(400, 0), (table["a"] + table["b"] * table["c"] > 0).astype(int))
    found = importance(attribute(model, rows, beside, place=1).values, NAMES)
    if explainer is shap.TreeExplainer:
        theirs = explainer(model, data=beside, feature_perturbation="interventional")
    else:
        theirs = explainer(model, shap.maskers.Independent(beside, max_samples=50))
    expected = np.abs(theirs.shap_values(rows)).mean(axis=0)
    ours = {each.field: each.mean for each in found}
    np.testing.assert_allclose([ours[name] for name in NAMES], expected, rtol=0, atol=1e-6)


def _table(rows: int, seed: int) -> pd.DataFrame:
    """Return numbers that are the same in single precision, in which shap keeps thresholds."""
    numbers = np.random.default_rng(seed).normal(size=(rows, 4))
    return pd.DataFrame(np.round(numbers * 64) / 64, columns=NAMES)
