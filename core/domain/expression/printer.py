"""Syntax tree → text that is read as the same tree, with no more brackets than that takes."""

import re

from core.domain.expression.tokens import WORDS
from core.domain.expression.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Column,
    Comparison,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
)

_PLAIN = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGNED, _VALUE = range(8)


def written_name(name: str) -> str:
    """Return a name as an expression holds it, in backticks where it must be."""
    if _PLAIN.fullmatch(name) and name.lower() not in WORDS:
        return name
    return "`" + name.replace("`", "``") + "`"


def written(node: Node) -> str:
    """Return a text that is read as the tree.

    Examples
    --------
    >>> from core.domain.expression.parser import parse
    >>> written(parse("( a+b )*c = 5%"))
    '(a + b) * c = 0.05'
    """
    return _text(node)[0]


def _within(node: Node, level: int) -> str:
    """Return the text of a node, in brackets if it binds less tightly than a level."""
    text, own = _text(node)
    return text if own >= level else f"({text})"


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(written(node) for node in nodes)


def _text(node: Node) -> tuple[str, int]:
    """Return the text of a node and how tightly it binds."""
    match node:
        case Number() | Text() | Truth() | Name() | Column():
            return _leaf(node), _VALUE
        case Call(function=function, arguments=arguments):
            return f"{function}({_list(arguments)})", _VALUE
        case Aggregate():
            return _aggregate(node), _VALUE
        case Negative(operand=operand):
            return f"-{_within(operand, _SIGNED)}", _SIGNED
        case Not(operand=operand):
            return f"not {_within(operand, _NOT)}", _NOT
        case Arithmetic(operator=operator, left=left, right=right):
            level = _SUM if operator in "+-" else _PRODUCT
            return f"{_within(left, level)} {operator} {_within(right, level + 1)}", level
        case Logic(operator=word, left=left, right=right):
            level = _OR if word == "or" else _AND
            return f"{_within(left, level)} {word} {_within(right, level + 1)}", level
        case Comparison(operator=mark, left=left, right=right):
            return f"{_within(left, _SUM)} {mark} {_within(right, _SUM)}", _COMPARED
        case Among(value=value, items=items, negated=negated):
            sign = "not in" if negated else "in"
            return f"{_within(value, _SUM)} {sign} ({_list(items)})", _COMPARED
        case IsMissing(value=value, negated=negated):
            return f"{_within(value, _SUM)} is {'not ' if negated else ''}missing", _COMPARED


def _leaf(node: Number | Text | Truth | Name | Column) -> str:
    match node:
        case Number(value=value):
            whole = value.is_integer() and abs(value) < 1e15
            return str(int(value)) if whole else repr(value)
        case Text(value=text):
            return '"' + text.replace('"', '""') + '"'
        case Truth(value=truth):
            return "true" if truth else "false"
        case _:
            return written_name(node.name)


def _aggregate(node: Aggregate) -> str:
    inside = _list(node.arguments)
    if node.where is not None:
        inside += f"{' ' if inside else ''}where {written(node.where)}"
    return f"{node.function}({inside})"
