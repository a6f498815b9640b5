"""Names → what they stand for, and whether each value is of the kind that its place takes.

Both are done in one pass over the tree as it was read, so that an error points into the text that
holds it: that of the expression or that of a definition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from core.domain.expression.errors import ExpressionError, UnknownName, nearest
from core.domain.expression.functions import ROW_FUNCTIONS
from core.domain.expression.parser import parse
from core.domain.expression.printer import written_name
from core.domain.expression.schema import Schema
from core.domain.expression.source import Source, mistake
from core.domain.expression.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Column,
    Comparison,
    IsMissing,
    Kind,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
)

MOST_NODES = 2_000
MOST_LEVELS = 150
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Resolved:
    """A tree in which every name stands for something.

    Parameters
    ----------
    node : Node
        Without :class:`Name`; a definition's tree stands at the place of its name.
    kind : Kind
        What its value is.
    size, depth : int
        Nodes and levels, with those of the definitions.
    """

    node: Node
    kind: Kind
    size: int
    depth: int


class Resolver:
    """What names stand for; each definition is read once.

    Parameters
    ----------
    schema : Schema
        The names.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read: dict[str, Resolved] = {}
        self._reading: list[str] = []

    def definition(self, name: str) -> Resolved:
        """Return the tree of a definition.

        Raises
        ------
        ExpressionError
            If its text or that of one it uses is wrong; it says which.
        """
        if name not in self._read:
            text = self._schema.definitions[name]
            self._reading.append(name)
            try:
                self._read[name] = self.row(read(text, name), Source(text, name))
            finally:
                self._reading.pop()
        return self._read[name]

    def row(self, node: Node, source: Source) -> Resolved:
        """Return a node of a row expression with everything below it.

        Raises
        ------
        ExpressionError
            At the first place where something does not fit.
        """
        match node:
            case Number():
                return Resolved(node, "number", 1, 1)
            case Text():
                return Resolved(node, "text", 1, 1)
            case Truth():
                return Resolved(node, "boolean", 1, 1)
            case Name():
                return self._name(node, source)
            case Aggregate():
                mistake(
                    source,
                    "A value of many rows cannot stand within the value of one.",
                    "Take {function}() out of the definition or function that it stands in.",
                    node,
                    function=node.function,
                )
            case _:
                return self._limited(self._compound(node, source), source)

    def wanted(self, node: Node, kind: Kind, source: Source) -> Resolved:
        """Return a node that must be of a kind."""
        found = self.row(node, source)
        if found.kind != kind:
            source.wrong_kind(node, kind, found.kind)
        return found

    def _compound(self, node: Node, source: Source) -> Resolved:
        match node:
            case Negative(operand=operand):
                below = self.wanted(operand, "number", source)
                return _made(replace(node, operand=below.node), "number", below)
            case Not(operand=operand):
                below = self.wanted(operand, "boolean", source)
                return _made(replace(node, operand=below.node), "boolean", below)
            case Arithmetic(left=left, right=right):
                pair = [self.wanted(each, "number", source) for each in (left, right)]
                return _made(replace(node, left=pair[0].node, right=pair[1].node), "number", *pair)
            case Logic(left=left, right=right):
                pair = [self.wanted(each, "boolean", source) for each in (left, right)]
                return _made(replace(node, left=pair[0].node, right=pair[1].node), "boolean", *pair)
            case Comparison():
                return self._comparison(node, source)
            case Among():
                return self._among(node, source)
            case IsMissing(value=value):
                below = self.row(value, source)
                return _made(replace(node, value=below.node), "boolean", below)
            case Call():
                return self._call(node, source)
            case _:
                raise AssertionError(node)

    def _name(self, node: Name, source: Source) -> Resolved:
        name, schema = node.name, self._schema
        is_own = bool(self._reading) and self._reading[-1] == name
        if name in schema.definitions and not (is_own and name in schema.columns):
            if name in self._reading:
                self._circle(node, source)
            below = self.definition(name)
            return replace(below, node=replace(below.node, start=node.start, end=node.end))
        if name in schema.parameters:
            number = Number(float(schema.parameters[name]), start=node.start, end=node.end)
            return Resolved(number, "number", 1, 1)
        if name in schema.columns:
            column = Column(name, schema.columns[name], start=node.start, end=node.end)
            return Resolved(column, column.kind, 1, 1)
        self._unknown(node, source)

    def _circle(self, node: Name, source: Source) -> NoReturn:
        path = [*self._reading[self._reading.index(node.name) :], node.name]
        mistake(
            source,
            "The definitions go round in a circle: {path}.",
            "Write one of them without the others.",
            node,
            path=" → ".join(path),
        )

    def _unknown(self, node: Name, source: Source) -> NoReturn:
        near = nearest(node.name, self._schema.names)
        listed = sorted(self._schema.names)[:_MOST_LISTED]
        raise UnknownName(
            "There is no column or definition {written}.",
            remedy="Did you mean {names}?" if near else "There are {names}.",
            source=source.text,
            position=node.start,
            end=node.end,
            definition=source.definition,
            name=node.name,
            written=written_name(node.name),
            names=", ".join(written_name(each) for each in near or listed),
        )

    def _comparison(self, node: Comparison, source: Source) -> Resolved:
        left, right = self.row(node.left, source), self.row(node.right, source)
        if left.kind != right.kind:
            mistake(
                source,
                "Both sides of {operator} must be of one kind.",
                "Compare numbers with numbers, texts with texts in quotes, and times with times.",
                node,
                operator=node.operator,
            )
        if left.kind == "boolean" and node.operator not in {"=", "!="}:
            mistake(
                source, "True and false have no order.", "Compare them with = or != instead.", node
            )
        made = replace(node, left=left.node, right=right.node)
        return _made(made, "boolean", left, right)

    def _among(self, node: Among, source: Source) -> Resolved:
        value = self.row(node.value, source)
        items = [self.wanted(each, value.kind, source) for each in node.items]
        made = replace(node, value=value.node, items=tuple(each.node for each in items))
        return _made(made, "boolean", value, *items)

    def _call(self, node: Call, source: Source) -> Resolved:
        rule = ROW_FUNCTIONS[node.function]
        check_number(node, node.arguments, rule.fewest, rule.most, source)
        below = [self.row(each, source) for each in node.arguments]
        for place, (argument, found) in enumerate(zip(node.arguments, below, strict=True)):
            kinds = rule.takes[min(place, len(rule.takes) - 1)]
            if found.kind not in kinds:
                source.wrong_kind(argument, kinds[0], found.kind)
            if place > rule.same and rule.gives is None and found.kind != below[rule.same].kind:
                source.wrong_kind(argument, below[rule.same].kind, found.kind)
        kind = rule.gives or below[rule.same].kind
        made = replace(node, arguments=tuple(each.node for each in below))
        return _made(made, kind, *below)

    def _limited(self, found: Resolved, source: Source) -> Resolved:
        if found.size > MOST_NODES or found.depth > MOST_LEVELS:
            mistake(
                source,
                "With its definitions the expression is too large.",
                "Use fewer definitions within each other.",
                found.node,
            )
        return found


def _made(node: Node, kind: Kind, *below: Resolved) -> Resolved:
    size = 1 + sum(each.size for each in below)
    return Resolved(node, kind, size, 1 + max((each.depth for each in below), default=0))


def read(text: str, definition: str = "") -> Node:
    """Parse a text; an error in that of a definition says which it is."""
    try:
        return parse(text)
    except ExpressionError as error:
        raise error.within(definition) from None


def check_number(
    node: Call | Aggregate, given: Sequence[Node], fewest: int, most: int | None, source: Source
) -> None:
    """Refuse a function with too few or too many arguments."""
    if len(given) >= fewest and (most is None or len(given) <= most):
        return
    if most is None:
        mistake(
            source,
            "{function}() takes at least {fewest} values.",
            "Write them with commas between them.",
            node,
            function=node.function,
            fewest=fewest,
        )
    mistake(
        source,
        "{function}() takes {fewest} value(s), not {given}.",
        "Write them with commas between them.",
        node,
        function=node.function,
        fewest=fewest,
        given=len(given),
    )
