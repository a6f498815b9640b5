"""Which fields go with each other in the data, whatever the model makes of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from core.metrics.arrays import AnyArray, Booleans, Floats, Integers

CLOSE = 0.5
"""From here on fields are called closely associated."""


class Measure(StrEnum):
    """How an association is told: of two numbers, two categories, or one of each."""

    spearman = "spearman"
    cramer = "cramer"
    eta = "eta"


@dataclass(frozen=True, slots=True)
class Association:
    """How closely two fields go together.

    Parameters
    ----------
    first, second : str
        Which.
    measure : Measure
        How it is told.
    value : float
        From 0 to 1; of two numbers from -1. NaN where one of them does not vary.
    rows : int
        Rows where neither is missing.
    """

    first: str
    second: str
    measure: Measure
    value: float
    rows: int

    @property
    def is_close(self) -> bool:
        """Whether the two closely go together."""
        return abs(self.value) >= CLOSE


def associations(
    columns: Mapping[str, AnyArray], categorical: Collection[str]
) -> tuple[Association, ...]:
    """Return how closely each two fields go together, the closest first.

    Of two numbers it is Spearman's rank correlation. Of two categories it is Cramér's V, less what
    chance makes of many categories (Bergsma 2013). Of one of each it is the root of the share of
    the variance of ranks that lies between the categories, less what chance makes of it: from the
    statistic of Kruskal and Wallis.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        The data; None or NaN where missing.
    categorical : collection of str
        Which of them are categories.
    """
    coded = {
        name: _codes(column) if name in categorical else np.asarray(column, dtype=np.float64)
        for name, column in columns.items()
    }
    found = [_associated(pair, coded, categorical) for pair in combinations(coded, 2)]
    return tuple(sorted(found, key=lambda each: -np.nan_to_num(abs(each.value))))


def _associated(
    pair: tuple[str, str], coded: Mapping[str, Floats], categorical: Collection[str]
) -> Association:
    left, right = coded[pair[0]], coded[pair[1]]
    known: Booleans = np.isfinite(left) & np.isfinite(right)
    left, right = left[known], right[known]
    words = [name in categorical for name in pair]
    if all(words):
        measure, value = Measure.cramer, _cramer(left, right)
    elif any(words):
        measure = Measure.eta
        value = _eta(left, right) if words[0] else _eta(right, left)
    else:
        measure, value = Measure.spearman, _spearman(left, right)
    return Association(*pair, measure, value, int(known.sum()))


def _codes(column: AnyArray) -> Floats:
    """Return a number for each category; NaN where it is missing."""
    values = np.asarray(column, dtype=object)
    known = np.array([value is not None and value == value for value in values], dtype=np.bool_)
    found = np.full(len(values), np.nan)
    found[known] = np.unique(values[known].astype(str), return_inverse=True)[1]
    return found


def ranks(values: Floats) -> Floats:
    """Return the rank of each value from 1 on, the mean rank of equal ones."""
    _, place, rows = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(rows)
    return np.asarray((last - (rows - 1) / 2.0)[place])


def _spearman(left: Floats, right: Floats) -> float:
    first, second = (
        each - each.mean() if each.size else each for each in map(ranks, (left, right))
    )
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size > 0 else float("nan")


def _eta(groups: Floats, values: Floats) -> float:
    """Return the root of (H - k + 1) / (n - k), H by Kruskal and Wallis, for k groups of n rows."""
    names, place, rows = np.unique(groups, return_inverse=True, return_counts=True)
    n, k = values.size, names.size
    ranked = ranks(values)
    total = float(((ranked - ranked.mean()) ** 2).sum()) if n else 0.0
    if n <= k or k < 2 or total == 0:
        return float("nan")
    means = np.bincount(place, ranked) / rows
    between = float((rows * (means - ranked.mean()) ** 2).sum())
    h = (n - 1) * between / total
    return float(np.sqrt(max(0.0, (h - k + 1) / (n - k))))


def _cramer(left: Floats, right: Floats) -> float:
    n = left.size
    table = _counted(left, right)
    r, k = table.shape
    if min(r, k) < 2:
        return float("nan")
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    by_chance = (r - 1) * (k - 1) / (n - 1)
    room = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(max(0.0, phi - by_chance) / room)) if room > 0 else float("nan")


def _counted(left: Floats, right: Floats) -> Integers:
    rows, first = np.unique(left, return_inverse=True)
    columns, second = np.unique(right, return_inverse=True)
    table = np.zeros((rows.size, columns.size), dtype=np.int64)
    np.add.at(table, (first, second), 1)
    return table
