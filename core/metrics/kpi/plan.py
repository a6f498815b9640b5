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

GROUPS = 100
"""Random groups of subjects that intervals are computed from."""

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
    counts : tuple of ndarray
        Rows in which the values are not missing.
    part : ndarray of int64, optional
        Random group of subjects that the rows are of, below :data:`GROUPS`: rows of one subject are
        no independent draws. ``None`` where each row is one.
    """

    plan: SumPlan
    mask: Integers
    n: Floats
    sums: tuple[Floats, ...]
    products: Mapping[tuple[int, int], Floats]
    counts: tuple[Floats, ...]
    part: Integers | None = None

    def atoms(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        """Return the figure of each atom in each of ``count`` groups, shape (count, A).

        A sum over rows none of which has a value is not known: NaN, not 0.

        Parameters
        ----------
        atoms : sequence of Atom
            Sums and counts of the plan.
        group : ndarray of int64, shape (k,)
            Group that an entry belongs to; below 0 to none.
        count : int
            Number of groups.
        """
        found = self._sums(atoms, group, count)
        valued = self.behind(atoms, group, count)
        for place, atom in enumerate(atoms):
            if atom.value is not None:
                rows = self._added(self.n, (atom,), group, count)
                found[(rows > 0) & (valued[:, place] == 0), place] = np.nan
        return found

    def behind(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        """Return how many rows each atom adds up in each group, shape (count, A)."""
        columns = [self._added(self._valued(each), (each,), group, count) for each in atoms]
        return np.stack(columns, axis=-1) if columns else np.zeros((count, 0))

    def cross(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        """Return the covariance of each two atoms, shape (count, A, A).

        Of rows that are independent draws, and of a random number, it is the sum of their products;
        else what random groups of subjects say of it, as far as they differ from their mean.
        """
        if self.part is not None:
            place = np.where(group >= 0, group * GROUPS + self.part, -1)
            parts = self._sums(atoms, place, count * GROUPS).reshape(count, GROUPS, len(atoms))
            apart = parts - parts.mean(axis=1, keepdims=True)
            covariance: Floats = np.einsum("kgi,kgj->kij", apart, apart)
            return covariance * (GROUPS / (GROUPS - 1))
        found = np.zeros((count, len(atoms), len(atoms)))
        for one, first in enumerate(atoms):
            for two, second in enumerate(atoms[: one + 1]):
                weights = self._weights(first, second)
                found[:, one, two] = self._added(weights, (first, second), group, count)
                found[:, two, one] = found[:, one, two]
        return found

    def subjects(self, group: Integers, count: int) -> Floats:
        """Return how many groups of subjects have rows; all rows where each is one."""
        if self.part is None:
            return self._added(self.n, (), group, count)
        place = np.where(group >= 0, group * GROUPS + self.part, -1)
        rows = self._added(self.n, (), place, count * GROUPS).reshape(count, GROUPS)
        found: Floats = np.count_nonzero(rows, axis=1).astype(np.float64)
        return found

    def _sums(self, atoms: Sequence[Atom], group: Integers, count: int) -> Floats:
        columns = [self._added(self._weights(each), (each,), group, count) for each in atoms]
        return np.stack(columns, axis=-1) if columns else np.zeros((count, 0))

    def _valued(self, atom: Atom) -> Floats:
        return self.n if atom.value is None else self.counts[self.plan.values.index(atom.value)]

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
