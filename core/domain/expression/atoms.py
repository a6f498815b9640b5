"""What is added up over the rows, and what is then computed from it.

Means, shares and medians are made of fewer kinds: a mean is a sum divided by a count, a share one
count divided by another. Most KPIs are so functions of sums alone, which can be kept by period and
group, put together again, and taken apart when a KPI has changed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.domain.expression.tree import Node, Operator

AtomKind = Literal["sum", "count", "quantile", "minimum", "maximum", "distinct"]


@dataclass(frozen=True, slots=True)
class Atom:
    """One figure of many rows.

    Parameters
    ----------
    kind : AtomKind
        How the rows are put together.
    value : Node or None
        Value of one row; ``None`` for a count. Rows where it is missing are left out.
    where : Node or None
        Only rows for which it is true; ``None``: all.
    level : float or None
        Of a quantile, between 0 and 1.
    """

    kind: AtomKind
    value: Node | None = None
    where: Node | None = None
    level: float | None = None

    @property
    def is_linear(self) -> bool:
        """Whether the figure of two groups together is the sum of both."""
        return self.kind in {"sum", "count"}


@dataclass(frozen=True, slots=True)
class Constant:
    """A number of the formula."""

    value: float


@dataclass(frozen=True, slots=True)
class Reference:
    """The atom of that index."""

    index: int


@dataclass(frozen=True, slots=True)
class Opposite:
    """Minus a figure."""

    operand: "Formula"


@dataclass(frozen=True, slots=True)
class Combined:
    """Two figures added, subtracted, multiplied or divided."""

    operator: Operator
    left: "Formula"
    right: "Formula"


Formula = Constant | Reference | Opposite | Combined


def formula_value(formula: Formula, numbers: Sequence[float]) -> float:
    """Return the value of a formula for one number an atom; NaN where it cannot be computed.

    Division by zero gives NaN, as does whatever is not finite.
    """
    match formula:
        case Constant(value=value):
            return value
        case Reference(index=index):
            return _finite(float(numbers[index]))
        case Opposite(operand=operand):
            return -formula_value(operand, numbers)
        case Combined(operator=operator, left=left, right=right):
            return _combined(operator, formula_value(left, numbers), formula_value(right, numbers))


def _combined(operator: Operator, left: float, right: float) -> float:
    match operator:
        case "+":
            return _finite(left + right)
        case "-":
            return _finite(left - right)
        case "*":
            return _finite(left * right)
        case "/":
            return _finite(left / right) if right else math.nan


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan
