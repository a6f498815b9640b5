"""Trees of decisions in arrays: which way each row goes at each split, and what its leaves say."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.metrics.arrays import AnyArray, Booleans, Floats, Integers

CODES = 256
"""Categories of a column that a split tells apart."""

_AT_ONCE = 2_000_000  # places in trees that are held of some rows


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """The nodes of one tree or of several.

    Parameters
    ----------
    column : ndarray of int, shape (n,)
        The column of the matrix that a split reads; -1 in a leaf.
    threshold : ndarray, shape (n,)
        Numbers up to it go left.
    missing_left : ndarray of bool, shape (n,)
        Whether a missing value goes left.
    left, right : ndarray of int, shape (n,)
        Where the branches of a split begin.
    chosen : ndarray of int, shape (n,)
        Of a split of categories which line of `sets` says what goes left; -1 of numbers.
    value : ndarray, shape (n,)
        What a leaf adds to the output.
    sets : ndarray of bool, shape (s, 256)
        For each code of a category whether it goes left.
    """

    column: Integers
    threshold: Floats
    missing_left: Booleans
    left: Integers
    right: Integers
    chosen: Integers
    value: Floats
    sets: Booleans

    def goes_left(self, values: Floats, nodes: Integers) -> Booleans:
        """Return whether values of the columns that splits read go left there, element by element.

        Parameters
        ----------
        values : ndarray
            Of the column that each split reads.
        nodes : ndarray of int, of the same shape
            The splits.
        """
        unknown = np.isnan(values)
        found = np.where(unknown, self.missing_left[nodes], values <= self.threshold[nodes])
        if len(self.sets):
            line = self.chosen[nodes]
            of_category = (line >= 0) & ~unknown
            codes = values[of_category].astype(np.int64)
            found[of_category] = self.sets[line[of_category], codes]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees whose leaves add up.

    Parameters
    ----------
    nodes : Nodes
        Of all trees.
    roots : ndarray of int, shape (trees,)
        The first node of each.
    field : ndarray of int, shape (n,)
        The field that each split reads; -1 in a leaf.
    constant : float
        What is added to the leaves.
    """

    nodes: Nodes
    roots: Integers
    field: Integers
    constant: float

    @classmethod
    def of(cls, trees: Sequence[Nodes], field_of: Integers, constant: float) -> "Forest":
        """Return trees as one forest.

        Parameters
        ----------
        trees : sequence of Nodes
            Each with its own nodes, the root first.
        field_of : ndarray of int, shape (columns,)
            The field of each column of the matrix.
        constant : float
            What is added to the leaves.
        """
        sizes = [len(tree.column) for tree in trees]
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        parts = {each.name: [getattr(tree, each.name) for tree in trees] for each in fields(Nodes)}
        lines = np.concatenate([[0], np.cumsum([len(tree.sets) for tree in trees])])
        parts["left"] = [left + root for left, root in zip(parts["left"], roots, strict=True)]
        parts["right"] = [right + root for right, root in zip(parts["right"], roots, strict=True)]
        parts["chosen"] = [
            np.where(chosen < 0, -1, chosen + line)
            for chosen, line in zip(parts["chosen"], lines[:-1], strict=True)
        ]
        nodes = Nodes(**{name: np.concatenate(part) for name, part in parts.items()})
        field = np.where(nodes.column < 0, -1, field_of[nodes.column])
        return cls(nodes, roots, field, constant)

    def output(self, matrix: Floats) -> Floats:
        """Return the raw output of each row, shape (rows,)."""
        found = np.empty(len(matrix))
        step = max(1, _AT_ONCE // len(self.roots))
        for start in range(0, len(matrix), step):
            part = slice(start, start + step)
            leaves = self._leaves(matrix[part])
            found[part] = self.constant + self.nodes.value[leaves].sum(axis=1)
        return found

    def _leaves(self, matrix: Floats) -> Integers:
        """Return the leaf of each row in each tree, shape (rows, trees)."""
        at = np.tile(self.roots, (len(matrix), 1))
        row, tree = np.indices(at.shape).reshape(2, -1)
        while row.size:
            node = at[row, tree]
            inside = self.nodes.column[node] >= 0
            row, tree, node = row[inside], tree[inside], node[inside]
            left = self.nodes.goes_left(matrix[row, self.nodes.column[node]], node)
            at[row, tree] = np.where(left, self.nodes.left[node], self.nodes.right[node])
        return at


def numbers_only(
    column: AnyArray,
    threshold: AnyArray,
    missing_left: AnyArray,
    left: AnyArray,
    right: AnyArray,
    value: AnyArray,
) -> Nodes:
    """Return the nodes of a tree that splits by numbers alone; leaves have a negative column.

    Parameters
    ----------
    column : ndarray
        Place of the split column by node; negative for a leaf.
    threshold : ndarray
        Largest number that goes left.
    missing_left : ndarray
        Whether a missing value goes left.
    left, right : ndarray
        Nodes below.
    value : ndarray
        What a leaf adds.
    """
    return Nodes(
        np.asarray(column, dtype=np.int64),
        np.asarray(threshold, dtype=np.float64),
        np.asarray(missing_left, dtype=np.bool_),
        np.asarray(left, dtype=np.int64),
        np.asarray(right, dtype=np.int64),
        np.full(len(column), -1, dtype=np.int64),
        np.asarray(value, dtype=np.float64),
        np.zeros((0, CODES), dtype=np.bool_),
    )
