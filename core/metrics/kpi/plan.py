"""Which sums a pass over the rows must bring home so that every KPI can be computed from them.

Rows are grouped by which conditions hold for them, one bit each. Then no sum needs a condition of
its own: a sum over the rows for which a condition holds is the sum over the groups with its bit.
What is left to add up are rows, values, and the products of two values of one KPI.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.expression import Atom, KpiExpression, Node
from core.domain.expression.tree import Logic
from core.metrics.arrays import Booleans, Floats, Integers

MOST_CONDITIONS = 12
"""Bits of one pass: more would make more groups than they save."""


@dataclass(frozen=True, slots=True)
class SumPlan:
    """What one pass adds up.

    Parameters
    ----------
    conditions : tuple of Node
        Conditions, by bit.
    values : tuple of Node
        Values of one row.
    pairs : tuple of (int, int)
        Values whose products are added up, by their places; the smaller first.
    """

    conditions: tuple[Node, ...]
    values: tuple[Node, ...]
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """What a pass brought home; arrays of shape (k,), one entry a group.

    Parameters
    ----------
    plan : SumPlan
        What was added up.
    mask : ndarray of int64
        Bits of the conditions that hold.
    n : ndarray
        Rows.
    sums : tuple of ndarray
        Of the values, missing ones left out.
    products : mapping of (int, int) to ndarray
        Of the pairs.
    """

    plan: SumPlan
    mask: Integers
    n: Floats
    sums: tuple[Floats, ...]
    products: Mapping[tuple[int, int], Floats]

    def atoms(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        """Return the figure of each atom in each of ``count`` groups, shape (count, A).

        Parameters
        ----------
        atoms : sequence of Atom
            Sums and counts of the plan.
        group : ndarray of int64, shape (k,)
            Group that an entry belongs to; below 0 to none.
        count : int
            Number of groups.
        """
        columns = [self._added(self._weights(each), (each,), group, count) for each in atoms]
        return np.stack(columns, axis=-1) if columns else np.zeros((count, 0))

    def cross(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        """Return the sums of the products of each two atoms, shape (count, A, A)."""
        found = np.zeros((count, len(atoms), len(atoms)))
        for one, first in enumerate(atoms):
            for two, second in enumerate(atoms[: one + 1]):
                weights = self._weights(first, second)
                found[:, one, two] = self._added(weights, (first, second), group, count)
                found[:, two, one] = found[:, one, two]
        return found

    def _weights(self, *atoms: Atom) -> Floats:
        """Return what a group's rows add, whatever conditions hold."""
        places = sorted(self.plan.values.index(each.value) for each in atoms if each.value)
        if not places:
            return self.n
        return self.sums[places[0]] if len(places) == 1 else self.products[places[0], places[1]]

    def _added(self, weights: Floats, atoms: Iterable[Atom], group: Integers, count: int) -> Floats:
        chosen = self._holds(atoms) & (group >= 0)
        added = np.bincount(group[chosen], weights[chosen], count)
        return added.astype(np.float64)

    def _holds(self, atoms: Iterable[Atom]) -> Booleans:
        wanted = 0
        for atom in atoms:
            for each in conjuncts(atom.where):
                wanted |= 1 << self.plan.conditions.index(each)
        return np.asarray((self.mask & wanted) == wanted)


def plans_of(
    expressions: Iterable[KpiExpression], most: int = MOST_CONDITIONS
) -> list[tuple[SumPlan, tuple[KpiExpression, ...]]]:
    """Return the passes that some KPIs need, each with its KPIs.

    Parameters
    ----------
    expressions : iterable of KpiExpression
        KPIs that read the same rows; atoms that are no sums are left out.
    most : int
        Most conditions of a pass; a KPI is never split.
    """
    batches: list[list[KpiExpression]] = []
    for expression in expressions:
        if batches and len(_conditions([*batches[-1], expression])) <= most:
            batches[-1].append(expression)
        else:
            batches.append([expression])
    return [(_plan(batch), tuple(batch)) for batch in batches]


def linear_atoms(expression: KpiExpression) -> tuple[Atom, ...]:
    """Return the atoms of a KPI that are sums or counts."""
    return tuple(atom for atom in expression.atoms if atom.is_linear)


def _plan(expressions: Sequence[KpiExpression]) -> SumPlan:
    values = tuple(
        dict.fromkeys(
            atom.value
            for expression in expressions
            for atom in linear_atoms(expression)
            if atom.value is not None
        )
    )
    pairs = {
        (min(one, two), max(one, two))
        for expression in expressions
        if expression.is_linear
        for first in linear_atoms(expression)
        for second in linear_atoms(expression)
        if first.value is not None and second.value is not None
        for one, two in [(values.index(first.value), values.index(second.value))]
    }
    return SumPlan(_conditions(expressions), values, tuple(sorted(pairs)))


def _conditions(expressions: Iterable[KpiExpression]) -> tuple[Node, ...]:
    found = (
        each
        for expression in expressions
        for atom in linear_atoms(expression)
        for each in conjuncts(atom.where)
    )
    return tuple(dict.fromkeys(found))


def conjuncts(node: Node | None) -> tuple[Node, ...]:
    """Return the conditions that must all be true for a condition to be."""
    if node is None:
        return ()
    if isinstance(node, Logic) and node.operator == "and":
        return (*conjuncts(node.left), *conjuncts(node.right))
    return (node,)
