"""The syntax tree of an expression: frozen nodes, each with its place in the text.

Two nodes are equal if they say the same, wherever they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["number", "text", "boolean", "instant"]
Operator = Literal["+", "-", "*", "/"]
Comparator = Literal["=", "!=", "<", "<=", ">", ">="]
Connective = Literal["and", "or"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What stands at a place of a text: from the character ``start`` up to ``end``."""

    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Placed):
    """A number that is written out; ``5%`` is 0.05."""

    value: float


@dataclass(frozen=True, slots=True)
class Text(Placed):
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth(Placed):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name(Placed):
    """A name as it was read: nobody has looked yet what it stands for."""

    name: str


@dataclass(frozen=True, slots=True)
class Column(Placed):
    """A name that stands for a column of a known kind."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Negative(Placed):
    """Minus a number."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic(Placed):
    """Two numbers added, subtracted, multiplied or divided."""

    operator: Operator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comparison(Placed):
    """Two values of one kind compared."""

    operator: Comparator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Among(Placed):
    """Whether a value is one of a list: ``x in (…)``."""

    value: "Node"
    items: tuple["Node", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class IsMissing(Placed):
    """Whether a value is missing, or is not: never missing itself."""

    value: "Node"
    negated: bool


@dataclass(frozen=True, slots=True)
class Logic(Placed):
    """Two conditions joined by ``and`` or ``or``."""

    operator: Connective
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Not(Placed):
    """The opposite of a condition; missing where the condition is."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Call(Placed):
    """A function of the values of one row."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Placed):
    """A function of many rows, those alone for which ``where`` is true."""

    function: str
    arguments: tuple["Node", ...]
    where: "Node | None" = None


Node = (
    Number
    | Text
    | Truth
    | Name
    | Column
    | Negative
    | Arithmetic
    | Comparison
    | Among
    | IsMissing
    | Logic
    | Not
    | Call
    | Aggregate
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below a node, in the order of the text."""
    match node:
        case Number() | Text() | Truth() | Name() | Column():
            return ()
        case Negative(operand=operand) | Not(operand=operand):
            return (operand,)
        case Among(value=value, items=items):
            return (value, *items)
        case IsMissing(value=value):
            return (value,)
        case Call(arguments=arguments):
            return arguments
        case Aggregate(arguments=arguments, where=where):
            return arguments if where is None else (*arguments, where)
        case _:
            return (node.left, node.right)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += reversed(children(current))


def columns_of(*nodes: Node | None) -> frozenset[str]:
    """Return the names of the columns that nodes read."""
    return frozenset(
        each.name
        for node in nodes
        if node is not None
        for each in walk(node)
        if isinstance(each, Column)
    )
