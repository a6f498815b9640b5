"""The other implementations, imported when they are first asked for, and their versions."""

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

NANNYML = "0.13.1"
PACKAGES = {
    "scipy": "SciPy",
    "scikit-learn": "scikit-learn",
    "statsmodels": "statsmodels",
    "fairlearn": "fairlearn",
    "evidently": "Evidently",
    "numpy": "NumPy",
    "pandas": "pandas",
}


def versions() -> dict[str, str]:
    """Return the version of each peer by its name."""
    return {name: version(package) for package, name in PACKAGES.items()} | {"NannyML": NANNYML}


@cache
def peer(name: str) -> Any:
    """Return a module; only few of them are slow to import."""
    return import_module(name)


@cache
def _evidently() -> tuple[Any, Callable[[str], Any]]:
    with warnings.catch_warnings():
        # Evidently 0.7.23 imports numpy.core, and litestar names it has itself deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        tests = import_module("evidently.legacy.calculations.stattests")
        kinds = import_module("evidently.legacy.core").ColumnType
    return tests, kinds


def evidently(test: str, kind: str, reference: Any, current: Any) -> float:
    """Return the score that a drift test of Evidently gives; NaN is left out beforehand."""
    tests, kinds = _evidently()
    sides = (pd.Series(side).dropna() for side in (reference, current))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return float(getattr(tests, test)(*sides, kinds(kind), 0.1).drift_score)
