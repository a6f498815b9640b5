"""The leaves of trees by what leads to them: the fields on the path, and whether rows pass them."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.attribution.forest import Forest


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Leaves with the conditions on their paths, those of one field as one.

    A row passes a field of a leaf if it goes the path's way at every split of the field on it.

    Parameters
    ----------
    value : ndarray, shape (leaves,)
        What each adds to the output.
    start : ndarray of int, shape (leaves + 1,)
        Where the fields of each leaf begin among all, and their number at the end.
    field : ndarray of int, shape (passes,)
        The fields of the leaves, one leaf after the other.
    step_start : ndarray of int, shape (passes,)
        Where the steps of each begin.
    split, leftward : ndarray, shape (steps,)
        The splits on the paths, and whether the path goes left there.
    """

    value: Floats
    start: Integers
    field: Integers
    step_start: Integers
    split: Integers
    leftward: Booleans

    @property
    def sizes(self) -> Integers:
        """How many fields lead to each leaf, shape (leaves,)."""
        return np.diff(self.start)

    def patterns(self, forest: Forest, matrix: Floats) -> Integers:
        """Return which fields of each leaf each row passes, a bit a field.

        Parameters
        ----------
        forest : Forest
            The forest that they are the leaves of.
        matrix : ndarray, shape (rows, columns)
            What the trees read.

        Returns
        -------
        ndarray of int, shape (leaves, rows)
            The first field of a leaf is the lowest bit.
        """
        splits, place = np.unique(self.split, return_inverse=True)
        columns = matrix[:, forest.nodes.column[splits]].T
        left = forest.nodes.goes_left(columns, np.broadcast_to(splits[:, None], columns.shape))
        found = np.zeros((len(self.value), len(matrix)), dtype=np.int64)
        if not self.split.size:
            return found
        along = left[place] == self.leftward[:, None]
        passed = np.logical_and.reduceat(along, self.step_start, axis=0)
        slot = np.arange(len(self.field)) - np.repeat(self.start[:-1], self.sizes)
        bits = passed.astype(np.int64) << slot[:, None]
        some = self.sizes > 0
        found[some] = np.add.reduceat(bits, self.start[:-1][some], axis=0)
        return found


@dataclass(slots=True)
class _Path:
    """The way from a root to a node: by field its splits, and whether it goes left at each."""

    node: int
    steps: dict[int, list[tuple[int, bool]]]

    def onward(self, field: int, child: int, leftward: bool) -> "_Path":
        there = {**self.steps, field: [*self.steps.get(field, []), (self.node, leftward)]}
        return _Path(child, there)


def leaves_of(forest: Forest, root: int, most: int) -> list[_Path] | None:
    """Return the paths to the leaves of one tree, or None if one has more than `most` fields."""
    nodes, found, waiting = forest.nodes, [], [_Path(root, {})]
    while waiting:
        path = waiting.pop()
        if len(path.steps) > most:
            return None
        node, field = path.node, int(forest.field[path.node])
        if field < 0:
            found.append(path)
            continue
        waiting.append(path.onward(field, int(nodes.left[node]), True))
        waiting.append(path.onward(field, int(nodes.right[node]), False))
    return found


def together(forest: Forest, paths: list[_Path]) -> Leaves:
    """Return the leaves that paths lead to."""
    passes = [(field, steps) for path in paths for field, steps in path.steps.items()]
    steps = [step for _, each in passes for step in each]
    ends = np.cumsum([len(each) for _, each in passes], dtype=np.int64)
    return Leaves(
        value=forest.nodes.value[[path.node for path in paths]],
        start=np.concatenate([[0], np.cumsum([len(path.steps) for path in paths])]).astype(
            np.int64
        ),
        field=np.array([field for field, _ in passes], dtype=np.int64),
        step_start=np.concatenate([[0], ends[:-1]]).astype(np.int64),
        split=np.array([split for split, _ in steps], dtype=np.int64),
        leftward=np.array([leftward for _, leftward in steps], dtype=np.bool_),
    )
