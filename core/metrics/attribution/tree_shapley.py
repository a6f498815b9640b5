r"""Exact Shapley values of trees beside background rows, with fields as players.

A set of fields is taken from a row x, the others from a row b of the background. A leaf is reached
if every field on its path passes. With A the fields that only x passes, B those that only b passes,
none that both fail, and :math:`a = |A|`, :math:`b = |B|`, the leaf's value v adds

.. math:: \phi_i = v\,\frac{(a-1)!\,b!}{(a+b)!} \text{ for } i \in A, \qquad
          \phi_i = -v\,\frac{a!\,(b-1)!}{(a+b)!} \text{ for } i \in B

and nothing to other fields; a field that both fail keeps the leaf out of reach of any mixture.
Attributions are the sum over leaves, averaged over the background.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import Floats, Integers
from core.metrics.attribution.forest import Forest
from core.metrics.attribution.leaves import Leaves, leaves_of, together
from core.metrics.attribution.tree_walk import walked

MOST_FIELDS = 6
"""Fields on a path up to which every pattern of passing and failing stands in a table."""

_AT_ONCE = 4_000_000  # steps of paths that are held of some rows


def tree_attributions_each(
    forest: Forest, rows: Floats, pool: Floats, draws: Sequence[Integers], fields: int
) -> list[Floats]:
    """Return what each field adds to the output of each row, beside each of several backgrounds.

    Trees with few fields on each path are looked up in tables, so that it costs little more to
    compare with more rows, or with more backgrounds; the others are walked through by each row
    with each of a background.

    Parameters
    ----------
    forest : Forest
        The trees.
    rows, pool : ndarray, shapes (rows, columns) and (p, columns)
        What the trees read of the decisions, and of what backgrounds are drawn from.
    draws : sequence of ndarray of int
        The places in the pool of each background's rows.
    fields : int
        How many fields there are.

    Returns
    -------
    list of ndarray, shape (rows, fields)
        One a background, the same whichever others there are.

    Notes
    -----
    Lundberg et al., *From local explanations to global understanding with explainable AI for
    trees* (2020), the interventional algorithm, here with one player a field.
    """
    paths, deep = [], []
    for root in forest.roots:
        found = leaves_of(forest, int(root), MOST_FIELDS)
        if found is None:
            deep.append(int(root))
        else:
            paths += found
    results = [np.zeros((len(rows), fields)) for _ in draws]
    if paths:
        _look_up(forest, together(forest, paths), rows, pool, draws, results)
    if deep:
        roots: Integers = np.array(deep, dtype=np.int64)
        weights = by_counts(fields)
        for draw, result in zip(draws, results, strict=True):
            for place, row in enumerate(rows):
                result[place] += walked(forest, roots, row, pool[draw], weights)
    return results


def by_counts(most: int) -> Floats:
    r"""Return what a field of the first kind adds to a leaf, by how many there are of each kind.

    .. math:: w_{ab} = \frac{(a-1)!\,b!}{(a+b)!} = \frac{1}{a \binom{a+b}{a}}

    Parameters
    ----------
    most : int
        The most fields.

    Returns
    -------
    ndarray, shape (most + 1, most + 1)
        0 where there is no field of the first kind. What one of the second kind takes away is
        that of the other order of counts.
    """
    found = np.zeros((most + 1, most + 1))
    for a in range(1, most + 1):
        for b in range(most + 1 - a):
            found[a, b] = 1.0 / (a * comb(a + b, a))
    return found


def _look_up(
    forest: Forest,
    leaves: Leaves,
    rows: Floats,
    pool: Floats,
    draws: Sequence[Integers],
    results: Sequence[Floats],
) -> None:
    """Add what the leaves give to each row beside each background, from tables of patterns."""
    step = max(1, _AT_ONCE // max(1, len(leaves.split)))
    beside = np.concatenate(
        [leaves.patterns(forest, part).astype(np.uint8) for part in _parts(pool, step)], axis=1
    )
    groups = _alike(leaves)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        here = leaves.patterns(forest, rows[part])
        for draw, result in zip(draws, results, strict=True):
            for group in groups:
                group.add(beside[group.leaves][:, draw], here[group.leaves], result[part])


def _parts(matrix: Floats, step: int) -> list[Floats]:
    return [matrix[start : start + step] for start in range(0, len(matrix), step)]


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Leaves with equally many fields: their places, values, and fields, shape (leaves, size)."""

    leaves: Integers
    value: Floats
    field: Integers

    def add(self, beside: NDArray[np.uint8], here: Integers, result: Floats) -> None:
        """Add what the leaves give to rows.

        Parameters
        ----------
        beside, here : ndarray of int, shapes (leaves, m) and (leaves, rows)
            Patterns of a background and of the rows.
        result : ndarray, shape (rows, fields)
            Is added to.
        """
        number, size = self.field.shape
        codes = beside + np.arange(number)[:, None] * 2**size
        counts = np.bincount(codes.ravel(), minlength=number * 2**size).reshape(number, 2**size)
        shares = self.value[:, None] * counts / beside.shape[1]
        # What a leaf gives to each of its fields, by the pattern of the row.
        tables = (shares @ _TABLES[size].reshape(2**size, -1)).reshape(number, 2**size, size)
        given = tables[np.arange(number)[:, None], here]
        rows, fields = result.shape
        places = np.arange(rows)[:, None] * fields + self.field[:, None, :]
        added = np.bincount(places.ravel(), weights=given.ravel(), minlength=rows * fields)
        result += added.reshape(rows, fields)


def _alike(leaves: Leaves) -> list[_Alike]:
    """Return the leaves by how many fields lead to them; one that none leads to gives nothing."""
    found = []
    for size in np.unique(leaves.sizes[leaves.sizes > 0]):
        chosen = np.flatnonzero(leaves.sizes == size)
        fields = leaves.field[leaves.start[chosen][:, None] + np.arange(size)]
        found.append(_Alike(chosen, leaves.value[chosen], fields))
    return found


def _pairs(size: int) -> Floats:
    """Return what each field gets by the patterns of b and of x, shape (2**size, 2**size, size)."""
    weights = by_counts(size)
    patterns = np.arange(2**size)
    passes = (patterns[:, None] >> np.arange(size)) & 1
    of_b, of_x = passes[:, None, :], passes[None, :, :]
    only_x, only_b = of_x & ~of_b & 1, of_b & ~of_x & 1
    a, b = only_x.sum(axis=-1, keepdims=True), only_b.sum(axis=-1, keepdims=True)
    within_reach = (of_b | of_x).all(axis=-1, keepdims=True)
    return np.asarray(within_reach * (weights[a, b] * only_x - weights[b, a] * only_b))


_TABLES = tuple(_pairs(size) for size in range(MOST_FIELDS + 1))
