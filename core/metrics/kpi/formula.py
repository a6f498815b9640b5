"""The value of a KPI for many groups at once, and its exact derivative by each sum."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from core.domain.expression import Combined, Constant, Formula, Opposite, Reference
from core.metrics.arrays import Floats

_Slopes: TypeAlias = dict[int, Floats]


def formula_values(formula: Formula, numbers: ArrayLike) -> Floats:
    """Return the value of a formula.

    Parameters
    ----------
    formula : Formula
        What is computed from the atoms.
    numbers : array_like, shape (..., A)
        One number an atom.

    Returns
    -------
    ndarray, shape (...)
        NaN where it cannot be computed: division by zero, or a number that is missing.
    """
    return _walk(formula, np.asarray(numbers, dtype=np.float64))[0]


def formula_gradient(formula: Formula, numbers: ArrayLike) -> Floats:
    """Return the derivative of a formula by each atom; see :func:`formula_values`.

    Returns
    -------
    ndarray, shape (..., A)
        NaN where the value is.
    """
    given = np.asarray(numbers, dtype=np.float64)
    value, slopes = _walk(formula, given)
    found = np.zeros_like(given)
    for index, slope in slopes.items():
        found[..., index] = slope
    found[np.isnan(value)] = np.nan
    return found


def formula_degree(formula: Formula, degrees: Sequence[int]) -> int | None:
    """Return how a formula grows with the number of rows: 0 a rate, 1 a total.

    Parameters
    ----------
    formula : Formula
        What is computed from the atoms.
    degrees : sequence of int
        The same of each atom.

    Returns
    -------
    int or None
        ``None`` of parts that grow differently.
    """
    match formula:
        case Constant():
            return 0
        case Reference(index=index):
            return degrees[index]
        case Opposite(operand=operand):
            return formula_degree(operand, degrees)
        case Combined(operator=operator, left=left, right=right):
            one, other = formula_degree(left, degrees), formula_degree(right, degrees)
            if one is None or other is None:
                return None
            if operator in {"+", "-"}:
                return one if one == other else None
            return one + other if operator == "*" else one - other


def divisors(formula: Formula) -> frozenset[int]:
    """Return the atoms that something is divided by."""
    match formula:
        case Opposite(operand=operand):
            return divisors(operand)
        case Combined(operator=operator, left=left, right=right):
            below = references(right) if operator == "/" else divisors(right)
            return divisors(left) | below
        case _:
            return frozenset()


def references(formula: Formula) -> frozenset[int]:
    """Return the atoms that a formula names."""
    match formula:
        case Reference(index=index):
            return frozenset({index})
        case Opposite(operand=operand):
            return references(operand)
        case Combined(left=left, right=right):
            return references(left) | references(right)
        case _:
            return frozenset()


def _walk(formula: Formula, numbers: Floats) -> tuple[Floats, _Slopes]:
    """Return the value and the derivative by each atom that the formula names."""
    match formula:
        case Constant(value=value):
            return np.full(numbers.shape[:-1], value), {}
        case Reference(index=index):
            return _finite(numbers[..., index]), {index: np.ones(numbers.shape[:-1])}
        case Opposite(operand=operand):
            inner, slopes = _walk(operand, numbers)
            return -inner, {index: -slope for index, slope in slopes.items()}
        case Combined():
            return _combined(formula, numbers)


def _combined(formula: Combined, numbers: Floats) -> tuple[Floats, _Slopes]:
    left, of_left = _walk(formula.left, numbers)
    right, of_right = _walk(formula.right, numbers)
    ones: Floats = np.ones_like(left)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        match formula.operator:
            case "+":
                return _finite(left + right), _mixed(of_left, ones, of_right, ones)
            case "-":
                return _finite(left - right), _mixed(of_left, ones, of_right, -ones)
            case "*":
                return _finite(left * right), _mixed(of_left, right, of_right, left)
            case "/":
                below = np.where(right == 0, np.nan, right)
                ratio = _finite(left / below)
                return ratio, _mixed(of_left, 1 / below, of_right, -ratio / below)


def _mixed(one: _Slopes, by_one: Floats, other: _Slopes, by_other: Floats) -> _Slopes:
    found = {index: slope * by_one for index, slope in one.items()}
    for index, slope in other.items():
        found[index] = found.get(index, 0.0) + slope * by_other
    return found


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
