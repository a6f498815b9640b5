"""Kolmogorov–Smirnov by hand and against scipy."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstwo

from core.errors import NotComputable
from core.metrics.drift import kolmogorov_smirnov, kolmogorov_smirnov_exact


def test_by_hand() -> None:
    # Cumulated: (.5, .8, 1) and (.2, .4, 1).
    assert kolmogorov_smirnov([5, 3, 2], [1, 1, 3]).distance == pytest.approx(0.4)


def test_exact_distance_agrees_with_scipy_with_ties_and_missing() -> None:
    random = np.random.default_rng(6)
    reference, current = np.round(random.normal(size=3_000), 1), random.normal(0.1, size=700)
    expected = ks_2samp(reference, current, method="asymp")
    found = kolmogorov_smirnov_exact(np.append(reference, np.nan), current)
    assert found.distance == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-3)


def test_counts_of_distinct_values_give_the_exact_distance() -> None:
    random = np.random.default_rng(7)
    sides = [random.integers(0, 9, size) for size in (400, 150)]
    counts = [np.bincount(side, minlength=9) for side in sides]
    from_counts = kolmogorov_smirnov(*counts)
    from_rows = kolmogorov_smirnov_exact(*sides)
    assert from_counts.distance == pytest.approx(float(from_rows.distance), rel=1e-12)
    assert from_counts.p_value == pytest.approx(float(from_rows.p_value), rel=1e-12)


@pytest.mark.parametrize("effective", [500, 5_000])
def test_p_value_is_as_close_to_the_finite_sample_one_as_documented(effective: int) -> None:
    # Second source: scipy's kstwo. Two samples of 2e rows have e = RK/(R + K).
    for moved in range(1, effective // 8, effective // 50):
        found = kolmogorov_smirnov([effective] * 2, [effective - moved, effective + moved])
        expected = float(kstwo.sf(float(found.distance), effective))
        assert found.p_value == pytest.approx(expected, abs=5e-4 if expected < 0.1 else 6e-3)


@pytest.mark.parametrize(("reference", "current"), [([], [1.0]), ([1.0], [np.nan])])
def test_exact_needs_values(reference: list[float], current: list[float]) -> None:
    with pytest.raises(NotComputable, match="no value"):
        kolmogorov_smirnov_exact(reference, current)
