"""Texts → expressions that fit the names and kinds at hand, of one row or of many."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.expression.atoms import Atom, Formula, formula_value
from core.domain.expression.reduce import Reducer
from core.domain.expression.resolve import Resolver, read
from core.domain.expression.schema import Schema
from core.domain.expression.source import Source
from core.domain.expression.tree import Kind, Node, columns_of


@dataclass(frozen=True, slots=True)
class RowExpression:
    """A value of one row.

    Parameters
    ----------
    text : str
        As it was written.
    node : Node
        Its tree: columns, numbers and functions; definitions and parameters are put in.
    kind : Kind
        What the value is.
    """

    text: str
    node: Node
    kind: Kind

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that are read."""
        return columns_of(self.node)


@dataclass(frozen=True, slots=True)
class KpiExpression:
    """A value of many rows.

    Parameters
    ----------
    text : str
        As it was written.
    root : Formula
        What is computed from the figures of the atoms.
    atoms : tuple of Atom
        What is put together over the rows; equal ones are one.
    """

    text: str
    root: Formula
    atoms: tuple[Atom, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that are read."""
        return columns_of(*(node for each in self.atoms for node in (each.value, each.where)))

    @property
    def is_linear(self) -> bool:
        """Whether it is a function of sums and counts alone."""
        return all(each.is_linear for each in self.atoms)

    def value(self, numbers: Sequence[float]) -> float:
        """Return the value for one number an atom; NaN where it cannot be computed.

        Parameters
        ----------
        numbers : sequence of float
            As many as there are atoms, in their order.
        """
        return formula_value(self.root, numbers)


def row_expression(text: str, schema: Schema, *, kind: Kind | None = None) -> RowExpression:
    """Read the expression of a value of one row.

    Parameters
    ----------
    text : str
        Such as ``amount * margin - loss``.
    schema : Schema
        What may be named.
    kind : Kind, optional
        What the value must be.

    Raises
    ------
    ExpressionError
        At the first place that is wrong.
    """
    resolver, source = Resolver(schema), Source(text)
    node = read(text)
    found = resolver.row(node, source) if kind is None else resolver.wanted(node, kind, source)
    return RowExpression(text, found.node, found.kind)


def definition_expression(name: str, schema: Schema) -> RowExpression:
    """Read a definition of a schema; raises like :func:`row_expression`."""
    found = Resolver(schema).definition(name)
    return RowExpression(schema.definitions[name], found.node, found.kind)


def kpi_expression(text: str, schema: Schema) -> KpiExpression:
    """Read the expression of a value of many rows.

    Parameters
    ----------
    text : str
        Such as ``sum(loss where approved) / sum(amount where approved)``.
    schema : Schema
        What may be named.

    Raises
    ------
    ExpressionError
        At the first place that is wrong.
    """
    reducer = Reducer(schema, Source(text))
    root = reducer.formula(read(text))
    return KpiExpression(text, root, reducer.atoms)
