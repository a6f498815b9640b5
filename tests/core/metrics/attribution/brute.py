"""Shapley values by their definition: every set of fields, asked of the model itself."""

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from core.metrics.one_thread import one_thread

Raw = Callable[[pd.DataFrame], Any]


def brute_force(raw: Raw, row: pd.DataFrame, background: pd.DataFrame) -> Floats:
    """Return what each field of one row adds to the mean raw output of the background."""
    names = list(background.columns)
    sets = [chosen for size in range(len(names) + 1) for chosen in combinations(names, size)]
    with one_thread():
        together = raw(pd.concat([mixed(row, background, chosen) for chosen in sets]))
    means = np.asarray(together, dtype=np.float64).reshape(len(sets), -1).mean(axis=1)
    worth = {frozenset(chosen): float(mean) for chosen, mean in zip(sets, means, strict=True)}
    return np.array([_value(name, names, worth) for name in names])


def mixed(row: pd.DataFrame, background: pd.DataFrame, chosen: tuple[str, ...]) -> pd.DataFrame:
    """Return the background with the chosen fields of the row in each of its rows."""
    repeated = row.iloc[[0] * len(background)].reset_index(drop=True)
    rest = background.reset_index(drop=True)
    return pd.DataFrame(
        {name: (repeated if name in chosen else rest)[name] for name in rest.columns}
    )


def _value(name: str, names: list[str], worth: dict[frozenset[str], float]) -> float:
    total, n = 0.0, len(names)
    for others, before in worth.items():
        if name not in others:
            weight = factorial(len(others)) * factorial(n - len(others) - 1) / factorial(n)
            total += weight * (worth[others | {name}] - before)
    return total
