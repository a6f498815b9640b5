"""Trees of the language as hypothesis draws them, and what they are worth in plain Python."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from core.domain.expression import Kind, Schema
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

Value = float | str | bool | datetime | None
Row = Mapping[str, Value]

COLUMNS: dict[str, Kind] = {
    "x": "number",
    "outcome.loss": "number",
    'odd "name"; -- drop': "number",
    "city": "text",
    "where": "text",
    "flagged": "boolean",
    "`quoted`": "boolean",
    "asked": "instant",
    "answered": "instant",
}
SCHEMA = Schema(COLUMNS, {"margin": 0.04}, {"large": "x > 2 and flagged"})
TEXTS = ("", "HK", "it's", '"; DROP TABLE t; --', "/* 貸款 */", "a`b", "\\", "$1", "{x}")
NUMBERS = (0.0, 1.0, 2.0, 3.5, 0.05, 1_000.0, 1e-7)
_START = datetime(2026, 1, 1, tzinfo=UTC)


def _named(kind: Kind) -> st.SearchStrategy[Node]:
    names = [name for name, each in COLUMNS.items() if each == kind]
    return st.sampled_from(names).map(Name)


@cache
def numbers(depth: int) -> st.SearchStrategy[Node]:
    """Draw trees whose value is a number."""
    leaf = _named("number") | st.sampled_from(NUMBERS).map(Number)
    if not depth:
        return leaf
    below = numbers(depth - 1)
    times = st.tuples(instants(depth - 1), instants(depth - 1))
    return st.one_of(
        leaf,
        below.map(Negative),
        st.builds(Arithmetic, st.sampled_from("+-*/"), below, below),
        st.builds(Call, st.just("abs"), st.tuples(below)),
        _calls(depth, "number"),
        st.builds(Call, st.sampled_from(["least", "greatest"]), st.tuples(below, below)),
        st.builds(Call, st.sampled_from(["days_between", "minutes_between"]), times),
    )


@cache
def texts(depth: int) -> st.SearchStrategy[Node]:
    """Draw trees whose value is a text."""
    leaf = _named("text") | st.sampled_from(TEXTS).map(Text)
    small = st.builds(Call, st.just("lower"), st.tuples(leaf))
    return leaf | small | _calls(depth, "text") if depth else leaf


@cache
def instants(depth: int) -> st.SearchStrategy[Node]:
    """Draw trees whose value is a time."""
    return _named("instant") | _calls(depth, "instant") if depth else _named("instant")


@cache
def conditions(depth: int) -> st.SearchStrategy[Node]:
    """Draw trees whose value is a condition."""
    leaf = _named("boolean") | st.booleans().map(Truth)
    if not depth:
        return leaf
    below = conditions(depth - 1)
    marks = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    sides = [numbers(depth - 1), texts(depth - 1), instants(depth - 1)]
    lists = [
        st.builds(Among, each, st.lists(each, min_size=1, max_size=3).map(tuple), st.booleans())
        for each in (*sides, below)
    ]
    return st.one_of(
        leaf,
        below.map(Not),
        st.builds(Logic, st.sampled_from(["and", "or"]), below, below),
        st.builds(Comparison, st.sampled_from(["=", "!="]), below, below),
        *(st.builds(Comparison, marks, each, each) for each in sides),
        *lists,
        *(st.builds(IsMissing, each, st.booleans()) for each in (*sides, below)),
    )


def _calls(depth: int, kind: Kind) -> st.SearchStrategy[Node]:
    below = of_kind(kind, depth - 1)
    choices = st.tuples(conditions(depth - 1), below, below)
    return st.builds(Call, st.just("if"), choices) | st.builds(
        Call, st.just("coalesce"), st.lists(below, min_size=2, max_size=3).map(tuple)
    )


def of_kind(kind: Kind, depth: int) -> st.SearchStrategy[Node]:
    """Draw trees of a kind."""
    made = {"number": numbers, "text": texts, "boolean": conditions, "instant": instants}
    return made[kind](depth)


@cache
def kpis(depth: int) -> st.SearchStrategy[Node]:
    """Draw trees whose value is one of many rows."""
    value, where = numbers(2), st.none() | conditions(2)
    leaf = st.one_of(
        st.builds(Aggregate, st.just("count"), st.just(()) | st.tuples(conditions(1)), where),
        st.builds(Aggregate, st.just("share"), st.tuples(conditions(2)), where),
        st.builds(
            Aggregate,
            st.sampled_from(["sum", "mean", "minimum", "maximum", "median"]),
            st.tuples(value),
            where,
        ),
        st.builds(Aggregate, st.just("distinct"), st.tuples(texts(1)), where),
    )
    if not depth:
        return leaf
    side = kpis(depth - 1) | st.sampled_from(NUMBERS).map(Number)
    return (
        leaf
        | kpis(depth - 1).map(Negative)
        | st.builds(Arithmetic, st.sampled_from("+-*/"), kpis(depth - 1), side)
    )


def rows() -> st.SearchStrategy[Row]:
    """Draw rows in which anything may be missing, and numbers may be none."""
    values: dict[Kind, st.SearchStrategy[Value]] = {
        "number": st.sampled_from([None, math.nan, math.inf, -math.inf, -2.0, 0.0, 1.0, 3.5, 1e3]),
        "text": st.none() | st.sampled_from(TEXTS),
        "boolean": st.sampled_from([None, True, False]),
        "instant": st.none() | st.integers(0, 10**6).map(lambda s: _START + timedelta(seconds=s)),
    }
    return st.fixed_dictionaries({name: values[kind] for name, kind in COLUMNS.items()})


def worth(node: Node, row: Row) -> Value:
    """Return what a tree is worth in a row; ``None`` is missing."""
    match node:
        case Number(value=value) | Text(value=value) | Truth(value=value):
            return value
        case Name(name=name) | Column(name=name):
            found = row[name]
            return None if isinstance(found, float) and not math.isfinite(found) else found
        case Negative(operand=operand):
            inner = _float(operand, row)
            return None if inner is None else -inner
        case Not(operand=operand):
            truth = worth(operand, row)
            return None if truth is None else not truth
        case Arithmetic(operator=operator, left=left, right=right):
            return _computed(operator, _float(left, row), _float(right, row))
        case Comparison(operator=mark, left=left, right=right):
            return _compared(mark, worth(left, row), worth(right, row))
        case Logic(operator=word, left=left, right=right):
            sides = [worth(left, row), worth(right, row)]
            return _joined(sides, decisive=word == "or")
        case Among(value=value, items=items, negated=negated):
            equal = [_compared("=", worth(value, row), worth(each, row)) for each in items]
            found = _joined(equal, decisive=True)
            return found if found is None or not negated else not found
        case IsMissing(value=value, negated=negated):
            return (worth(value, row) is None) != negated
        case Call(function=function, arguments=arguments):
            return _called(function, arguments, row)
        case Aggregate():
            raise AssertionError(node)


def _float(node: Node, row: Row) -> float | None:
    value = worth(node, row)
    assert value is None or isinstance(value, float)
    return value


def _computed(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
    }[operator]()


def _compared(mark: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if mark in {"=", "!="}:
        return (left == right) == (mark == "=")
    below, same = left < right, left == right  # type: ignore[operator]
    return bool({"<": below, "<=": below or same, ">": not below and not same}.get(mark, not below))


def _joined(sides: Sequence[Value], *, decisive: bool) -> bool | None:
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


def _called(function: str, arguments: tuple[Node, ...], row: Row) -> Value:
    values = [worth(each, row) for each in arguments]
    known = [each for each in values if each is not None]
    match function:
        case "if":
            return values[1] if values[0] is True else values[2]
        case "coalesce":
            return known[0] if known else None
        case "lower":
            return str(known[0]).lower() if known else None
        case "abs":
            return abs(known[0]) if known else None  # type: ignore[arg-type]
        case "least" | "greatest":
            choose = min if function == "least" else max
            return choose(known) if known else None
        case _:
            if len(known) < 2:
                return None
            span: timedelta = known[1] - known[0]  # type: ignore[operator, assignment]
            return span / timedelta(**{function.split("_")[0]: 1})
