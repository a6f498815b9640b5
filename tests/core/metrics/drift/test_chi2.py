"""Chi-squared and Cramér's V by hand and against scipy."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from core.metrics.drift import chi2


def test_by_hand() -> None:
    # Rows (10, 10) and (5, 15): expected (7.5, 12.5) each; χ² = 2·2.5²/7.5 + 2·2.5²/12.5 = 8/3.
    result = chi2([10, 10], [5, 15])
    assert result.statistic == pytest.approx(8 / 3)
    assert result.cramers_v == pytest.approx(np.sqrt(8 / 3 / 40))
    assert result.dof == 1


def test_agrees_with_scipy() -> None:
    random = np.random.default_rng(4)
    reference, current = random.integers(1, 900, 12), random.integers(1, 90, (40, 12))
    result = chi2(reference, current)
    tests = [chi2_contingency(np.array([reference, chunk]), correction=False) for chunk in current]
    np.testing.assert_allclose(result.statistic, [test.statistic for test in tests], rtol=1e-10)
    np.testing.assert_allclose(result.p_value, [test.pvalue for test in tests], rtol=1e-8)
    assert result.dof.tolist() == [test.dof for test in tests]


def test_cramers_v_is_scipys_with_equal_numbers_of_rows() -> None:
    reference, current = np.array([30, 50, 20]), np.array([45, 35, 20])
    expected = association(np.array([reference, current]), method="cramer")
    assert chi2(reference, current).cramers_v == pytest.approx(expected)
    assert chi2(reference * 1000, current).cramers_v == pytest.approx(expected)


def test_bins_empty_on_both_sides_are_no_degree_of_freedom() -> None:
    assert chi2([5, 0, 5], [4, 0, 6]).dof == 1


def test_one_bin_cannot_drift() -> None:
    result = chi2([7], [3])
    assert [float(part) for part in (result.statistic, result.p_value)] == [0.0, 1.0]
    assert [float(part) for part in (result.cramers_v, result.dof)] == [0.0, 0.0]


def test_bias_without_drift_is_as_documented() -> None:
    # Docstring: V² averages (B − 1)(1/R + 1/K)/4 when nothing changed.
    random = np.random.default_rng(5)
    reference = random.multinomial(2_000, np.full(10, 0.1), size=2_000)
    current = random.multinomial(500, np.full(10, 0.1), size=2_000)
    squares = [float(chi2(a, b).cramers_v) ** 2 for a, b in zip(reference, current, strict=True)]
    assert np.mean(squares) == pytest.approx(9 * (1 / 2_000 + 1 / 500) / 4, rel=0.05)
