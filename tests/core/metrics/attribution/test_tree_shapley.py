"""Shapley values of trees: by hand, by their two ways, and by the definition for many fields."""

from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor

from core.metrics.arrays import Floats, Integers
from core.metrics.attribution import attribute, tree_shapley
from core.metrics.attribution.forest import Forest, Nodes, numbers_only
from core.metrics.attribution.tree_shapley import (
    by_counts,
    tree_attributions_each,
)
from core.metrics.one_thread import one_thread
from tests.core.metrics.attribution.brute import brute_force

NAMES = list("abcdefgh")


def test_both_conditions_of_two_fields_by_hand() -> None:
    # One leaf of value 12 where a <= 0 and b <= 0; nothing elsewhere.
    forest = _corner(12.0, np.array([0, 1]))
    found = beside(forest, np.array([[0.0, 0.0]]), np.array([[1.0, 1.0]]), 2)
    assert found.tolist() == [[6.0, 6.0]]  # neither does it alone: half each
    found = beside(forest, np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), 2)
    assert found.tolist() == [[12.0, 0.0]]  # only a is different
    # The row passes a, the background b: with both from the right side there are 12 for a moment.
    found = beside(forest, np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), 2)
    assert found.tolist() == [[6.0, -6.0]]
    found = beside(
        forest, np.array([[0.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), 2
    )
    assert found[0] == pytest.approx([(6 + 12) / 3, 6 / 3])


def test_columns_of_one_field_change_hands_together() -> None:
    forest = _corner(12.0, np.array([1, 1]))
    found = beside(forest, np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), 3)
    assert found.tolist() == [[0.0, 12.0, 0.0]]


def test_weights_are_those_of_the_formula() -> None:
    weights = by_counts(5)
    for a in range(1, 6):
        for b in range(6 - a):
            expected = factorial(a - 1) * factorial(b) / factorial(a + b)
            assert weights[a, b] == pytest.approx(expected, rel=1e-15)
    assert not weights[0].any()


@given(seed=st.integers(0, 10_000), depth=st.integers(1, 5), columns=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_both_ways_agree_and_add_up(seed: int, depth: int, columns: int) -> None:
    draw = np.random.default_rng(seed)
    fields = draw.integers(0, max(1, columns - 1), columns)
    forest = Forest.of([_tree(draw, depth, columns) for _ in range(3)], fields, 0.25)
    rows, background = _rows(draw, 5, columns), _rows(draw, 7, columns)
    looked_up = beside(forest, rows, background, columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_shapley, "MOST_FIELDS", 0)
        walked = beside(forest, rows, background, columns)
    np.testing.assert_allclose(walked, looked_up, rtol=0, atol=1e-12)
    base = forest.output(background).mean()
    np.testing.assert_allclose(base + walked.sum(axis=1), forest.output(rows), rtol=0, atol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_fields_that_play_the_same_part_get_the_same(seed: int) -> None:
    draw = np.random.default_rng(seed)
    tree = _tree(draw, 4, 3)
    swapped = np.array([1, 0, 2])[tree.column]
    mirrored = numbers_only(
        np.where(tree.column < 0, -1, swapped),
        tree.threshold,
        tree.missing_left,
        tree.left,
        tree.right,
        tree.value,
    )
    forest = Forest.of([tree, mirrored], np.arange(3), 0.0)
    rows, background = _rows(draw, 4, 3), _rows(draw, 6, 3)
    rows[:, 1], background[:, 1] = rows[:, 0], background[:, 0]
    found = beside(forest, rows, background, 3)
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["deep", "mixed"])
def test_trees_of_eight_fields_give_the_values_of_the_definition(kind: str) -> None:
    draw = np.random.default_rng(1)
    table = pd.DataFrame(np.round(draw.normal(size=(300, 8)) * 16) / 16, columns=NAMES)
    target = table["a"] * table["b"] + table[NAMES].clip(lower=0).prod(axis=1) * 50 + table["h"]
    estimator = (
        ExtraTreesRegressor(n_estimators=4, random_state=0)
        if kind == "deep"
        else HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=12, min_samples_leaf=3)
    )
    with one_thread():
        estimator.fit(table, target)
    found = attribute(estimator, table.iloc[:2], table.iloc[10:16])
    for place in range(2):
        expected = brute_force(estimator.predict, table.iloc[[place]], table.iloc[10:16])
        assert found.values[place] == pytest.approx(expected, abs=1e-9)


def test_few_rows_or_trees_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    forest = Forest.of([_tree(draw, 4, 6) for _ in range(5)], np.arange(6), 0.0)
    rows, background = _rows(draw, 9, 6), _rows(draw, 4, 6)
    looked_up = beside(forest, rows, background, 6)
    monkeypatch.setattr(tree_shapley, "_AT_ONCE", 10)
    assert beside(forest, rows, background, 6).tolist() == looked_up.tolist()
    monkeypatch.setattr(tree_shapley, "MOST_FIELDS", 0)
    monkeypatch.setattr("core.metrics.attribution.tree_walk._AT_ONCE", 8)
    np.testing.assert_allclose(beside(forest, rows, background, 6), looked_up, rtol=0, atol=1e-12)


@pytest.mark.parametrize("most", [0, 3, 6])
def test_each_of_several_backgrounds_tells_what_it_tells_alone(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(tree_shapley, "MOST_FIELDS", most)  # walked, some of each, looked up
    draw = np.random.default_rng(3)
    forest = Forest.of([_tree(draw, 1 + place, 6) for place in range(5)], np.arange(6), 0.0)
    rows, pool = _rows(draw, 4, 6), _rows(draw, 30, 6)
    draws = [draw.integers(0, 30, size) for size in (1, 7, 30, 40)]
    found = tree_attributions_each(forest, rows, pool, draws, 6)
    for drawn, each in zip(draws, found, strict=True):
        assert beside(forest, rows, pool[drawn], 6).tolist() == each.tolist()
    for place in range(4):
        alone = tree_attributions_each(forest, rows[[place]], pool, draws, 6)
        assert [each[0].tolist() for each in alone] == [each[place].tolist() for each in found]


def test_a_tree_that_is_one_leaf_tells_nothing() -> None:
    leaf = numbers_only(
        np.array([-1]), np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), np.array([3.0])
    )
    forest = Forest.of([leaf], np.arange(2), 1.0)
    rows = np.zeros((2, 2))
    assert forest.output(rows).tolist() == [4.0, 4.0]
    assert not beside(forest, rows, rows, 2).any()


def beside(forest: Forest, rows: Floats, background: Floats, fields: int) -> Floats:
    whole: Integers = np.arange(len(background))
    (found,) = tree_attributions_each(forest, rows, background, [whole], fields)
    return found


def _corner(value: float, field_of: Integers) -> Forest:
    tree = numbers_only(
        np.array([0, 1, -1, -1, -1]),
        np.zeros(5),
        np.zeros(5),
        np.array([1, 2, 0, 0, 0]),
        np.array([4, 3, 0, 0, 0]),
        np.array([0.0, 0.0, value, 0.0, 0.0]),
    )
    return Forest.of([tree], field_of, 0.0)


def _tree(draw: np.random.Generator, depth: int, columns: int) -> Nodes:
    """Return a full tree of random splits, in the order of a heap."""
    inner, size = 2**depth - 1, 2 ** (depth + 1) - 1
    heap = np.arange(size)
    return numbers_only(
        np.where(heap < inner, draw.integers(0, columns, size), -1),
        draw.normal(size=size),
        draw.random(size) < 0.5,
        np.where(heap < inner, 2 * heap + 1, 0),
        np.where(heap < inner, 2 * heap + 2, 0),
        draw.normal(size=size),
    )


def _rows(draw: np.random.Generator, rows: int, columns: int) -> Floats:
    found = draw.normal(size=(rows, columns))
    found[draw.random(found.shape) < 0.15] = np.nan
    return found
