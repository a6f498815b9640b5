"""Tokens → syntax tree, by recursive descent.

    or → and → not → comparison, in, is missing → + - → * / → minus → value

Each line binds more tightly than the one before it. Nothing is looked up here: whether a name
means something is for :mod:`core.domain.expression.checker` to say.
"""

from core.domain.expression.cursor import Cursor, misread
from core.domain.expression.functions import AGGREGATES, ROW_FUNCTIONS
from core.domain.expression.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Operator,
    Text,
    Truth,
)

_COMPARATORS: dict[str, Comparator] = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_SUMS: dict[str, Operator] = {"+": "+", "-": "-"}
_PRODUCTS: dict[str, Operator] = {"*": "*", "/": "/"}


def parse(text: str) -> Node:
    """Read an expression of either kind.

    Parameters
    ----------
    text : str
        At most 2,000 characters, 40 levels of brackets and 300 nodes.

    Raises
    ------
    ExpressionError
        At the first place that cannot be read.
    """
    at = Cursor(text)
    if at.token.is_end:
        misread(at, "The expression is empty.", "Write one such as count().")
    node = _either(at)
    at.finish()
    return node


def _either(at: Cursor) -> Node:
    node = _both(at)
    while at.token.is_word("or"):
        at.take()
        right = _both(at)
        node = at.counted(Logic("or", node, right, start=node.start, end=right.end))
    return node


def _both(at: Cursor) -> Node:
    node = _not(at)
    while at.token.is_word("and"):
        at.take()
        right = _not(at)
        node = at.counted(Logic("and", node, right, start=node.start, end=right.end))
    return node


def _not(at: Cursor) -> Node:
    if not at.token.is_word("not"):
        return _compared(at)
    token = at.take()
    at.down(token)
    operand = _not(at)
    at.up()
    return at.counted(Not(operand, start=token.start, end=operand.end))


def _compared(at: Cursor) -> Node:
    left = _sum(at)
    token = at.token
    if token.is_mark(*_COMPARATORS):
        operator = _COMPARATORS[at.take().text]
        right = _sum(at)
        node: Node = at.counted(Comparison(operator, left, right, start=left.start, end=right.end))
    elif token.is_word("is"):
        node = _missing(at, left)
    elif token.is_word("in") or (token.is_word("not") and at.after.is_word("in")):
        node = _among(at, left)
    else:
        return left
    if at.token.is_mark(*_COMPARATORS) or at.token.is_word("is", "in"):
        misread(
            at,
            "Two comparisons stand one after the other.",
            "Put 'and' or 'or' between them, or brackets around the first.",
        )
    return node


def _missing(at: Cursor, value: Node) -> Node:
    at.take()
    negated = at.token.is_word("not")
    if negated:
        at.take()
    if at.token.kind != "name" or at.token.text.lower() != "missing":
        misread(
            at,
            "After 'is' stands 'missing' or 'not missing'.",
            "Compare values with = or != instead.",
        )
    end = at.take().end
    return at.counted(IsMissing(value, negated, start=value.start, end=end))


def _among(at: Cursor, value: Node) -> Node:
    negated = at.take().text == "not"
    if negated:
        at.take()
    opening = at.token
    if not opening.is_mark("("):
        misread(at, "After 'in' stands a list in brackets.", 'Write it like in ("a", "b").')
    at.take()
    at.down(opening)
    items = _listed(at)
    end = at.closed(opening)
    return at.counted(Among(value, items, negated, start=value.start, end=end))


def _listed(at: Cursor) -> tuple[Node, ...]:
    """Read one value or several with commas between them."""
    items = [_either(at)]
    while at.token.is_mark(","):
        at.take()
        items.append(_either(at))
    return tuple(items)


def _sum(at: Cursor) -> Node:
    node = _product(at)
    while at.token.is_mark(*_SUMS):
        operator = _SUMS[at.take().text]
        right = _product(at)
        node = at.counted(Arithmetic(operator, node, right, start=node.start, end=right.end))
    return node


def _product(at: Cursor) -> Node:
    node = _signed(at)
    while at.token.is_mark(*_PRODUCTS):
        operator = _PRODUCTS[at.take().text]
        right = _signed(at)
        node = at.counted(Arithmetic(operator, node, right, start=node.start, end=right.end))
    return node


def _signed(at: Cursor) -> Node:
    if not at.token.is_mark("-"):
        return _value(at)
    token = at.take()
    at.down(token)
    operand = _signed(at)
    at.up()
    return at.counted(Negative(operand, start=token.start, end=operand.end))


def _value(at: Cursor) -> Node:
    token = at.token
    if token.is_mark("("):
        at.take()
        at.down(token)
        node = _either(at)
        at.closed(token)
        return node
    if token.kind == "name" and at.after.is_mark("(") and at.text[token.start] != "`":
        return _call(at)
    made: Node
    if token.kind == "number":
        made = Number(token.value, start=token.start, end=token.end)
    elif token.kind == "text":
        made = Text(token.text, start=token.start, end=token.end)
    elif token.is_word("true", "false"):
        made = Truth(token.text == "true", start=token.start, end=token.end)
    elif token.kind == "name":
        made = Name(token.text, start=token.start, end=token.end)
    else:
        at.no_value()
    at.take()
    return at.counted(made)


def _call(at: Cursor) -> Node:
    name = at.take()
    function = name.text.lower()
    if function not in AGGREGATES and function not in ROW_FUNCTIONS:
        at.unknown_function(name)
    opening = at.take()
    at.down(opening)
    is_empty = at.token.is_mark(")") or at.token.is_word("where")
    arguments = () if is_empty else _listed(at)
    where = _where(at, function)
    end = at.closed(opening)
    if function in AGGREGATES:
        return at.counted(Aggregate(function, arguments, where, start=name.start, end=end))
    return at.counted(Call(function, arguments, start=name.start, end=end))


def _where(at: Cursor, function: str) -> Node | None:
    if not at.token.is_word("where"):
        return None
    if function not in AGGREGATES:
        misread(
            at, "Only functions of many rows end in 'where'.", "Use if(condition, a, b) instead."
        )
    at.take()
    return _either(at)
