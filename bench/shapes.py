"""The columns of the generated log, each with a shape that drift tools meet in practice.

Eighteen numeric and four categorical features. Some move during the year, so that a report has
something to find; ``year`` is each row's place in it, from 0 to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Draw = Callable[[Generator, Floats], Floats]

_SEGMENT_VALUES = 50


@dataclass(frozen=True, slots=True)
class NumericShape:
    """A numeric column: how it is drawn, and the shares that are NaN and NULL."""

    name: str
    draw: Draw
    nan_share: float = 0.0
    null_share: float = 0.0


@dataclass(frozen=True, slots=True)
class CategoricalShape:
    """A categorical column of Zipf-like frequencies; some of its values first appear late."""

    name: str
    prefix: str
    values: int
    null_share: float = 0.0
    late_values: int = 0


def _atoms(random: Generator, year: Floats) -> Floats:
    """Round amounts with two favourite values; one of them moves late in the year."""
    values = np.round(random.lognormal(10.5, 0.9, year.size), -2)
    pick = random.random(year.size)
    favourite = np.where(year > 0.7, 50_100.0, 50_000.0)
    return np.where(pick < 0.08, favourite, np.where(pick < 0.13, 100_000.0, values))


def _unit_change(random: Generator, year: Floats) -> Floats:
    """Write a twentieth of the rows in thousandths of the unit from autumn on."""
    values = random.lognormal(3.0, 0.6, year.size)
    return np.where((year > 0.8) & (random.random(year.size) < 0.05), values * 1000.0, values)


NUMERIC = (
    NumericShape("loan_amount", lambda r, y: r.lognormal(10.0, 1.2, y.size)),
    NumericShape("income", lambda r, y: r.lognormal(10.8 + 0.3 * y, 0.7, y.size)),
    NumericShape("half_points", lambda r, y: np.round(r.normal(50.0, 15.0, y.size) * 2) / 2),
    NumericShape("rating", lambda r, y: r.integers(0, 11, y.size) / 2),
    NumericShape("requested", _atoms),
    NumericShape(
        "arrears",
        lambda r, y: np.where(r.random(y.size) < 0.6, 0.0, r.exponential(900.0, y.size)),
    ),
    NumericShape("utilisation", lambda r, y: r.random(y.size)),
    NumericShape("residual", lambda r, y: r.normal(0.0, 1.0, y.size)),
    NumericShape("rate_spread", lambda r, y: r.normal(2.0 + 0.8 * y, 0.5, y.size)),
    NumericShape("bureau_score", lambda r, y: r.normal(640.0, 60.0, y.size), nan_share=0.05),
    NumericShape("collateral", lambda r, y: r.lognormal(11.0, 1.0, y.size), null_share=0.12),
    NumericShape(
        "tenure", lambda r, y: r.gamma(2.0, 30.0, y.size), nan_share=0.02, null_share=0.03
    ),
    NumericShape("age", lambda r, y: r.integers(18, 91, y.size).astype(np.float64)),
    NumericShape("enquiries", lambda r, y: r.poisson(3.0, y.size).astype(np.float64)),
    NumericShape("share_drawn", lambda r, y: r.beta(2.0, 5.0, y.size)),
    NumericShape("market_move", lambda r, y: r.standard_t(3.0, y.size)),
    NumericShape(
        "two_peaks",
        lambda r, y: r.normal(np.where(r.random(y.size) < 0.35, -3.0, 2.0), 1.0),
    ),
    NumericShape("weight", _unit_change),
)

CATEGORICAL = (
    CategoricalShape("product", "product", 5, late_values=1),
    CategoricalShape("channel", "channel", 12, null_share=0.04),
    CategoricalShape("region", "region", _SEGMENT_VALUES),
    CategoricalShape("industry", "industry", _SEGMENT_VALUES),
)


def draw_numeric(
    shape: NumericShape, random: Generator, year: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a column's values, NaN among them, and where it is NULL."""
    values = np.asarray(shape.draw(random, year), dtype=np.float64)
    pick = random.random(year.size)
    values[pick < shape.nan_share] = np.nan
    is_null = (pick >= shape.nan_share) & (pick < shape.nan_share + shape.null_share)
    return values, is_null


def draw_categorical(
    shape: CategoricalShape, random: Generator, year: Floats
) -> tuple[Codes, NDArray[np.bool_], list[str]]:
    """Return a column's codes, where it is NULL, and the text of every code."""
    weights = 1.0 / np.arange(1, shape.values + 1)
    codes = random.choice(shape.values, size=year.size, p=weights / weights.sum())
    codes = codes.astype(np.int64)
    if shape.late_values:
        late = (year > 0.75) & (random.random(year.size) < 0.03)
        codes[late] = shape.values + random.integers(0, shape.late_values, int(late.sum()))
    names = [f"{shape.prefix}-{code:02d}" for code in range(shape.values + shape.late_values)]
    return codes, random.random(year.size) < shape.null_share, names
