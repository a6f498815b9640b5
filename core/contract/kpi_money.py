"""Whether a KPI is money through and through, so that it can be shown in another currency.

Rates change from day to day, so a KPI is converted row by row: each term must be money that the
contract says is logged, in the first power. A number that somebody wrote or declared may well be
money too, but of which currency nobody says.
"""

from collections.abc import Collection, Iterable

from core.domain.expression import Atom, Constant, Formula, KpiExpression, Node, Opposite, Reference
from core.domain.expression.tree import (
    Among,
    Arithmetic,
    Call,
    Column,
    Comparison,
    IsMissing,
    Logic,
    Negative,
    Not,
    Number,
)

_ALIKE = frozenset({"abs", "least", "greatest", "coalesce"})


class _Mixed(Exception):
    """Money and other numbers are added up or compared."""


def is_money(expression: KpiExpression, names: Collection[str]) -> bool:
    """Whether an expression grows with the money of some names, and with nothing else in it.

    Parameters
    ----------
    expression : KpiExpression
        The KPI.
    names : collection of str
        Of :func:`core.contract.kpi_names.money_names`.

    Examples
    --------
    >>> from core.domain.expression import Schema, kpi_expression
    >>> schema = Schema({"amount": "number"}, {"fee": 100.0}, {})
    >>> is_money(kpi_expression("sum(amount) / count()", schema), {"amount"})
    True
    >>> is_money(kpi_expression("sum(amount) - fee * count()", schema), {"amount"})
    False
    """
    try:
        powers = [_of_atom(atom, names) for atom in expression.atoms]
        return _of_formula(expression.root, powers) == 1
    except _Mixed:
        return False


def _of_formula(formula: Formula, powers: list[int | None]) -> int | None:
    """Return the power of money in a formula; ``None`` of nought, which any money may be."""
    match formula:
        case Constant(value=value):
            return None if value == 0 else 0
        case Reference(index=index):
            return powers[index]
        case Opposite(operand=operand):
            return _of_formula(operand, powers)
        case _:
            left, right = (_of_formula(each, powers) for each in (formula.left, formula.right))
            return _combined(formula.operator, left, right)


def _of_atom(atom: Atom, names: Collection[str]) -> int | None:
    if atom.where is not None:
        _of_node(atom.where, names)
    power = 0 if atom.value is None else _of_node(atom.value, names)
    if atom.kind == "distinct" and power != 0:
        raise _Mixed  # rates of two days make two values of one
    return 0 if atom.kind in {"count", "distinct"} else power


def _of_node(node: Node, names: Collection[str]) -> int | None:
    """Return the power of money in a value of one row; 0 of a condition."""
    match node:
        case Number(value=value):
            return None if value == 0 else 0
        case Column(name=name):
            return 1 if name in names else 0
        case Negative(operand=operand) | Not(operand=operand):
            return _of_node(operand, names)
        case Arithmetic(operator=operator, left=left, right=right):
            return _combined(operator, _of_node(left, names), _of_node(right, names))
        case IsMissing(value=value):
            _of_node(value, names)
        case Comparison(left=left, right=right):
            _alike([_of_node(left, names), _of_node(right, names)])
        case Among(value=value, items=items):
            _alike([_of_node(each, names) for each in (value, *items)])
        case Logic(left=left, right=right):
            _of_node(left, names)
            _of_node(right, names)
        case Call(function=function, arguments=arguments):
            return _of_call(function, [_of_node(each, names) for each in arguments])
    return 0


def _of_call(function: str, powers: list[int | None]) -> int | None:
    if function == "if":
        return _alike(powers[1:])
    return _alike(powers) if function in _ALIKE else 0


def _combined(operator: str, left: int | None, right: int | None) -> int | None:
    if operator in {"+", "-"}:
        return _alike([left, right])
    if left is None or right is None:
        return None
    return left + right if operator == "*" else left - right


def _alike(powers: Iterable[int | None]) -> int | None:
    found = {power for power in powers if power is not None}
    if len(found) > 1:
        raise _Mixed
    return next(iter(found), None)
