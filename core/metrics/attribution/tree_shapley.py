r"""Exact Shapley values of trees beside background rows, with fields as players.

A set of fields is taken from a row x, the others from a row b of the background. A leaf is reached
if every field on its path passes. With A the fields that only x passes, B those that only b passes,
none that both fail, and :math:`a = |A|`, :math:`b = |B|`, the leaf's value v adds

.. math:: \phi_i = v\,\frac{(a-1)!\,b!}{(a+b)!} \text{ for } i \in A, \qquad
          \phi_i = -v\,\frac{a!\,(b-1)!}{(a+b)!} \text{ for } i \in B

and nothing to other fields; a field that both fail keeps the leaf out of reach of any mixture.
Attributions are the sum over leaves, averaged over the background.
"""

from math import comb

import numpy as np

from core.metrics.arrays import Floats, Integers
from core.metrics.attribution.forest import Forest
from core.metrics.attribution.leaves import Leaves, leaves_of, together
from core.metrics.attribution.tree_walk import walked

MOST_FIELDS = 6
"""Fields on a path up to which every pattern of passing and failing stands in a table."""

_AT_ONCE = 4_000_000  # steps of paths that are held of some rows


def tree_attributions(forest: Forest, rows: Floats, background: Floats, fields: int) -> Floats:
    """Return what each field adds to the output of each row beside the background.

    Trees with few fields on each path are looked up in tables, so that it costs little more to
    compare with more rows; the others are walked through by each row with each of the background.

    Parameters
    ----------
    forest : Forest
        The trees.
    rows, background : ndarray, shapes (rows, columns) and (m, columns)
        What the trees read of the decisions and of the background.
    fields : int
        How many fields there are.

    Returns
    -------
    ndarray, shape (rows, fields)
        The same for a row whichever others stand beside it.

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
    result = np.zeros((len(rows), fields))
    if paths:
        _look_up(forest, together(forest, paths), rows, background, result)
    if deep:
        roots: Integers = np.array(deep, dtype=np.int64)
        weights = by_counts(fields)
        for place, row in enumerate(rows):
            result[place] += walked(forest, roots, row, background, weights)
    return result


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
    forest: Forest, leaves: Leaves, rows: Floats, background: Floats, result: Floats
) -> None:
    """Add what each leaf gives to each row, from a table of its patterns."""
    beside = leaves.patterns(forest, background)
    tables = [
        leaves.value[leaf] * _table(beside[leaf], int(size))
        for leaf, size in enumerate(leaves.sizes)
    ]
    step = max(1, _AT_ONCE // max(1, len(leaves.split)))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        patterns = leaves.patterns(forest, rows[part])
        for leaf, table in enumerate(tables):
            chosen = leaves.field[leaves.start[leaf] : leaves.start[leaf + 1]]
            result[part, chosen] += table[patterns[leaf]]


def _table(beside: Integers, size: int) -> Floats:
    """Return what a leaf of value 1 gives to each of its fields, by pattern, shape (2**size, size).

    Parameters
    ----------
    beside : ndarray of int, shape (m,)
        Patterns of the background.
    size : int
        Fields of the leaf.
    """
    shares = np.bincount(beside, minlength=2**size) / len(beside)
    return np.asarray(np.tensordot(shares, _TABLES[size], axes=1))


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
