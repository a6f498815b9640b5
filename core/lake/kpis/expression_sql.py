"""The SQL of a row expression: put together from our own words, numbers and quoted texts.

Missing is NULL, and so is what is no finite number and what is divided by zero. A condition with a
missing value is NULL too, which no WHERE, FILTER or CASE lets through.
"""

from collections.abc import Mapping

from core.domain.expression.functions import SECONDS
from core.domain.expression.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Column,
    Comparator,
    Comparison,
    Connective,
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
from core.lake.paths import quoted

_OPERATORS: dict[Operator, str] = {"+": "+", "-": "-", "*": "*", "/": "/"}
_COMPARATORS: dict[Comparator, str] = {
    "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_CONNECTIVES: dict[Connective, str] = {"and": "AND", "or": "OR"}
_FUNCTIONS = {
    "coalesce": "coalesce",
    "abs": "abs",
    "least": "least",
    "greatest": "greatest",
    "lower": "lower",
}
_SHORT = 1_000  # characters that may be written twice; beyond, levels would double the text


def row_sql(node: Node, columns: Mapping[str, str]) -> str:
    """Return the SQL of an expression of one row.

    Parameters
    ----------
    node : Node
        Resolved: from a :class:`~core.domain.expression.RowExpression` or an
        :class:`~core.domain.expression.Atom`.
    columns : mapping of str to str
        SQL of ours for each column that is named: numbers of any width, VARCHAR, BOOLEAN, and
        TIMESTAMPTZ.

    Returns
    -------
    str
        DOUBLE, VARCHAR, BOOLEAN or TIMESTAMPTZ; in brackets where it is not one word.
    """
    match node:
        case Number():
            return _number(node)
        case Text(value=text):
            return quoted(text)
        case Truth(value=truth):
            return "TRUE" if truth else "FALSE"
        case Column(name=name):
            return _column(columns[name], node)
        case Negative(operand=operand):
            return f"(-{row_sql(operand, columns)})"
        case Not(operand=operand):
            return f"(NOT {row_sql(operand, columns)})"
        case Arithmetic():
            return _finite(_arithmetic(node, columns))
        case Comparison(operator=mark, left=left, right=right):
            return f"({row_sql(left, columns)} {_COMPARATORS[mark]} {row_sql(right, columns)})"
        case Logic(operator=word, left=left, right=right):
            return f"({row_sql(left, columns)} {_CONNECTIVES[word]} {row_sql(right, columns)})"
        case Among(value=value, items=items, negated=negated):
            listed = ", ".join([row_sql(each, columns) for each in items])
            return f"({row_sql(value, columns)} {'NOT IN' if negated else 'IN'} ({listed}))"
        case IsMissing(value=value, negated=negated):
            return f"({row_sql(value, columns)} IS {'NOT ' if negated else ''}NULL)"
        case Call(function=function, arguments=arguments):
            return _call(function, [row_sql(each, columns) for each in arguments])
        case Name() | Aggregate():
            raise TypeError(f"{type(node).__name__} is not of one row")


def _number(node: Number) -> str:
    return f"{node.value!r}::DOUBLE"


def _column(sql: str, column: Column) -> str:
    if column.kind != "number":
        return sql
    return f"(CASE WHEN isfinite(({sql})::DOUBLE) THEN ({sql})::DOUBLE END)"


def _arithmetic(node: Node, columns: Mapping[str, str]) -> str:
    """Return what is checked once, at the end: what is not finite stays so, but as a divisor."""
    match node:
        case Arithmetic(operator=operator, left=left, right=right):
            below = row_sql(right, columns) if operator == "/" else _arithmetic(right, columns)
            return f"({_arithmetic(left, columns)} {_OPERATORS[operator]} {below})"
        case Negative(operand=operand):
            return f"(-{_arithmetic(operand, columns)})"
        case _:
            return row_sql(node, columns)


def _finite(sql: str) -> str:
    if len(sql) < _SHORT:
        return f"(CASE WHEN isfinite({sql}) THEN {sql} END)"
    return f"(list_transform([{sql}], lambda n: CASE WHEN isfinite(n) THEN n END)[1])"


def _call(function: str, values: list[str]) -> str:
    if function == "if":
        return f"(CASE WHEN {values[0]} THEN {values[1]} ELSE {values[2]} END)"
    if function in SECONDS:
        microseconds = SECONDS[function] * 1_000_000
        return f"((epoch_us({values[1]}) - epoch_us({values[0]})) / {microseconds}::DOUBLE)"
    return f"{_FUNCTIONS[function]}({', '.join(values)})"
