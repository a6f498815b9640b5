"""A row and a background row that walk through deep trees together."""

import numpy as np

from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.metrics.attribution.forest import Forest

_AT_ONCE = 200_000  # walks that begin together
_ROW, _BESIDE = 1, 2  # whom a field is taken from, once both part ways over it


def walked(
    forest: Forest, roots: Integers, row: Floats, background: Floats, weights: Floats
) -> Floats:
    """Return what each field adds to the output of a row in some trees of a forest.

    At a split where both go the same way they go on together. Where they part over a field for the
    first time, one walk goes on with the field taken from the row, one with it taken from the
    background; from there on the field is whose it was. So every leaf that a mixture of both can
    reach is reached once.

    Parameters
    ----------
    forest : Forest
        The trees.
    roots : ndarray of int, shape (t,)
        Roots of those that are meant.
    row : ndarray, shape (columns,)
        What they read of the decision.
    background : ndarray, shape (m, columns)
        What they read of the background.
    weights : ndarray, shape (fields + 1, fields + 1)
        Those of :func:`core.metrics.attribution.tree_shapley.by_counts`.

    Returns
    -------
    ndarray, shape (fields,)
    """
    fields = len(weights) - 1
    found = np.zeros(fields)
    step = max(1, _AT_ONCE // len(background))
    for start in range(0, len(roots), step):
        part = roots[start : start + step]
        node = np.tile(part, len(background))
        beside = np.repeat(np.arange(len(background)), len(part))
        taken = np.zeros((node.size, fields), dtype=np.int8)
        while node.size:
            is_leaf = forest.field[node] < 0
            found += _at_leaves(forest.nodes.value[node[is_leaf]], taken[is_leaf], weights)
            inside = ~is_leaf
            node, beside, taken = _onward(
                forest, row, background, node[inside], beside[inside], taken[inside]
            )
    return found / len(background)


def _at_leaves(value: Floats, taken: AnyArray, weights: Floats) -> Floats:
    of_row, of_beside = taken == _ROW, taken == _BESIDE
    a, b = of_row.sum(axis=1), of_beside.sum(axis=1)
    return np.asarray((value * weights[a, b]) @ of_row - (value * weights[b, a]) @ of_beside)


def _onward(
    forest: Forest,
    row: Floats,
    background: Floats,
    node: Integers,
    beside: Integers,
    taken: AnyArray,
) -> tuple[Integers, Integers, AnyArray]:
    """Return the walks one split further, those that part as two."""
    nodes, field = forest.nodes, forest.field[node]
    column = nodes.column[node]
    row_left = nodes.goes_left(row[column], node)
    beside_left = nodes.goes_left(background[beside, column], node)
    whose = taken[np.arange(node.size), field]
    parts = (whose == 0) & (row_left != beside_left)
    left: Booleans = np.where(whose == _BESIDE, beside_left, row_left)
    child = np.where(left, nodes.left[node], nodes.right[node])
    other = np.where(beside_left, nodes.left[node], nodes.right[node])[parts]
    second = taken[parts]
    second[np.arange(len(second)), field[parts]] = _BESIDE
    taken[parts, field[parts]] = _ROW
    return (
        np.concatenate([child, other]),
        np.concatenate([beside, beside[parts]]),
        np.concatenate([taken, second]),
    )
