"""Evidently agrees where it computes the same thing: on categories, and on raw numeric values.

Where it does not, the difference is stated: natural logarithms in Jensen–Shannon.
"""

import warnings
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from core.metrics.arrays import Integers
from core.metrics.drift import (
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov_exact,
    psi,
    wasserstein_exact,
)

RANDOM = np.random.default_rng(42)
REFERENCE_COUNTS = np.array([500, 300, 150, 50])
CURRENT_COUNTS = np.array([200, 150, 100, 150])
REFERENCE_VALUES = RANDOM.lognormal(3.0, 0.8, 4_000)
CURRENT_VALUES = RANDOM.lognormal(3.2, 0.9, 1_500)


@pytest.fixture(scope="module")
def evidently() -> ModuleType:
    """Evidently's drift functions. Importing them takes seconds, so only here."""
    with warnings.catch_warnings():
        # Evidently 0.7.23 imports numpy.core, and litestar names it has itself deprecated.
        warnings.filterwarnings("ignore", "numpy.core is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "(Call to|Use of) deprecated", DeprecationWarning)
        from evidently.legacy.calculations import stattests
    assert isinstance(stattests, ModuleType)
    return stattests


def figure(evidently: ModuleType, test: str, kind: str, *sides: pd.Series) -> float:
    from evidently.legacy.core import ColumnType

    return float(getattr(evidently, test)(*sides, ColumnType(kind), 0.1).drift_score)


def categories(counts: Integers) -> pd.Series:
    return pd.Series(np.repeat(list("abcd"), counts))


def both_categories() -> tuple[pd.Series, pd.Series]:
    return categories(REFERENCE_COUNTS), categories(CURRENT_COUNTS)


def both_values() -> tuple[pd.Series, pd.Series]:
    return pd.Series(REFERENCE_VALUES), pd.Series(CURRENT_VALUES)


def test_psi_without_pseudo_count(evidently: ModuleType) -> None:
    theirs = figure(evidently, "psi_stat_test", "cat", *both_categories())
    ours = psi(REFERENCE_COUNTS, CURRENT_COUNTS, pseudo_count=0)
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_jensen_shannon_up_to_the_base_of_the_logarithm(evidently: ModuleType) -> None:
    theirs = figure(evidently, "jensenshannon_stat_test", "cat", *both_categories())
    ours = jensen_shannon(REFERENCE_COUNTS, CURRENT_COUNTS) * np.sqrt(np.log(2))
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_hellinger(evidently: ModuleType) -> None:
    theirs = figure(evidently, "hellinger_stat_test", "cat", *both_categories())
    assert hellinger(REFERENCE_COUNTS, CURRENT_COUNTS) == pytest.approx(theirs, rel=1e-9)


def test_kolmogorov_smirnov_p_value(evidently: ModuleType) -> None:
    first, second = REFERENCE_VALUES[:3_000], REFERENCE_VALUES[3_000:] * 1.03
    theirs = figure(evidently, "ks_stat_test", "num", pd.Series(first), pd.Series(second))
    assert 0.001 < theirs < 0.9
    ours = kolmogorov_smirnov_exact(first, second)
    assert ours.p_value == pytest.approx(theirs, abs=6e-3)


def test_wasserstein_over_the_standard_deviation(evidently: ModuleType) -> None:
    theirs = figure(evidently, "wasserstein_stat_test", "num", *both_values())
    ours = wasserstein_exact(REFERENCE_VALUES, CURRENT_VALUES)
    assert ours == pytest.approx(theirs, rel=1e-9)
