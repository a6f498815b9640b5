"""The tree of a KPI → atoms, and the formula of what is computed from them."""

from typing import NoReturn

from core.domain.expression.atoms import (
    Atom,
    AtomKind,
    Combined,
    Constant,
    Formula,
    Opposite,
    Reference,
)
from core.domain.expression.functions import AGGREGATES
from core.domain.expression.printer import written_name
from core.domain.expression.resolve import Resolved, Resolver, check_number
from core.domain.expression.schema import Schema
from core.domain.expression.source import Source, mistake
from core.domain.expression.tree import (
    Aggregate,
    Arithmetic,
    IsMissing,
    Kind,
    Logic,
    Name,
    Negative,
    Node,
    Number,
)
from core.i18n import N_

_HALF = 0.5
_PUT_TOGETHER: dict[Kind, str] = {
    "number": N_("Write sum({written}) or mean({written}), for instance."),
    "boolean": N_("Write count({written}) or share({written}), for instance."),
    "text": N_("Write distinct({written}), or count() with a condition on it."),
    "instant": N_("Write mean(days_between({written}, …)), for instance."),
}


class Reducer:
    """One KPI that is being taken apart.

    Parameters
    ----------
    schema : Schema
        What may be named.
    source : Source
        Its text.
    """

    def __init__(self, schema: Schema, source: Source) -> None:
        self._schema = schema
        self._source = source
        self._resolver = Resolver(schema)
        self._atoms: dict[Atom, int] = {}

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms found so far, in the order of the text."""
        return tuple(self._atoms)

    def formula(self, node: Node) -> Formula:
        """Return the formula of a whole KPI.

        Raises
        ------
        ExpressionError
            Where something does not fit; or if nothing of it is of the rows.
        """
        formula = self._outer(node)
        if not self._atoms:
            mistake(
                self._source,
                "A KPI is computed from rows, and this is not.",
                "Use one of {functions}.",
                node,
                functions=", ".join(f"{each}()" for each in AGGREGATES),
            )
        return formula

    def _outer(self, node: Node) -> Formula:
        match node:
            case Number(value=value):
                return Constant(value)
            case Name(name=name) if name in self._schema.parameters and (
                name not in self._schema.definitions
            ):
                return Constant(float(self._schema.parameters[name]))
            case Negative(operand=operand):
                return Opposite(self._outer(operand))
            case Arithmetic(operator=operator, left=left, right=right):
                return Combined(operator, self._outer(left), self._outer(right))
            case Aggregate():
                return self._aggregate(node)
            case _:
                self._not_of_rows(node)

    def _not_of_rows(self, node: Node) -> NoReturn:
        kind = self._resolver.row(node, self._source).kind  # an unknown name is said so first
        if isinstance(node, Name):
            mistake(
                self._source,
                "{written} has a value in each row: say how the rows are put together.",
                _PUT_TOGETHER[kind],
                node,
                written=written_name(node.name),
            )
        mistake(
            self._source,
            "Outside functions such as sum() there are only + - * / and numbers.",
            "Put this into one of them.",
            node,
        )

    def _aggregate(self, node: Aggregate) -> Formula:
        where = self._where(node)
        if node.function == "count":
            return self._count(node, where)
        check_number(node, node.arguments, *(2, 2) if node.function == "quantile" else (1, 1),
                     self._source)  # fmt: skip
        value = self._value(node)
        match node.function:
            case "mean":
                known = _both(_known(value.node), where)
                return Combined("/", self._atom("sum", value, where), self._counted(known))
            case "share":
                hit = self._counted(_both(value.node, where))
                known = _both(_known(value.node), where)
                return Combined("/", hit, self._counted(known))
            case "median":
                return self._atom("quantile", value, where, _HALF)
            case "quantile":
                return self._atom("quantile", value, where, self._level(node.arguments[1]))
            case "minimum" | "maximum" | "distinct" | "sum" as kind:
                return self._atom(kind, value, where)
            case _:
                raise AssertionError(node.function)

    def _where(self, node: Aggregate) -> Node | None:
        if node.where is None:
            return None
        return self._resolver.wanted(node.where, "boolean", self._source).node

    def _count(self, node: Aggregate, where: Node | None) -> Formula:
        if not node.arguments:
            return self._counted(where)
        check_number(node, node.arguments, 0, 1, self._source)
        found = self._resolver.row(node.arguments[0], self._source)
        if found.kind != "boolean":
            mistake(
                self._source,
                "count() takes a condition.",
                "Write count(… is not missing) for the rows that have a value, or distinct(…) for "
                "how many values there are.",
                node.arguments[0],
            )
        return self._counted(_both(found.node, where))

    def _value(self, node: Aggregate) -> Resolved:
        kinds = AGGREGATES[node.function]
        found = self._resolver.row(node.arguments[0], self._source)
        if found.kind not in kinds:
            self._source.wrong_kind(node.arguments[0], kinds[0], found.kind)
        return found

    def _level(self, node: Node) -> float:
        found = self._resolver.row(node, self._source).node
        if not isinstance(found, Number) or not 0 < found.value < 1:
            mistake(
                self._source,
                "The level of a quantile is a number between 0 and 1.",
                "Write quantile(x, 0.9), for instance.",
                node,
            )
        return found.value

    def _atom(
        self, kind: AtomKind, value: Resolved, where: Node | None, level: float | None = None
    ) -> Formula:
        return self._reference(Atom(kind, value.node, where, level))

    def _counted(self, where: Node | None) -> Formula:
        return self._reference(Atom("count", None, where))

    def _reference(self, atom: Atom) -> Formula:
        return Reference(self._atoms.setdefault(atom, len(self._atoms)))


def _both(left: Node, right: Node | None) -> Node:
    if right is None:
        return left
    return Logic("and", left, right, start=left.start, end=right.end)


def _known(node: Node) -> Node:
    return IsMissing(node, True, start=node.start, end=node.end)
