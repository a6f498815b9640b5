"""Tails of counts against the exact ones of scipy."""

import numpy as np
import pytest
from scipy import stats

from core.metrics.slices.tails import two_sided


def p_of(count: float, expected: float) -> float:
    """Return the p-value of a Poisson count: its variance and third moment are its mean."""
    values = (np.asarray([part]) for part in (count - expected, expected, expected))
    return float(two_sided(*values, step=1.0)[0])


@pytest.mark.parametrize(("count", "expected"), [(23, 10), (30, 15), (70, 40), (2, 12), (20, 40)])
def test_rare_events_have_the_tails_of_a_poisson_count(count: int, expected: float) -> None:
    upper, lower = stats.poisson.sf(count - 1, expected), stats.poisson.cdf(count, expected)
    exact = 2 * min(upper, lower)
    assert p_of(count, expected) == pytest.approx(exact, rel=0.5)
    normal = 2 * stats.norm.sf((abs(count - expected) - 0.5) / np.sqrt(expected))
    assert abs(np.log(p_of(count, expected) / exact)) < abs(np.log(normal / exact))


def test_without_skew_it_is_the_normal_distribution() -> None:
    found = two_sided(np.asarray([1.96, -3.0, 0.0]), np.ones(3), np.zeros(3))
    assert found == pytest.approx([2 * stats.norm.sf(1.96), 2 * stats.norm.sf(3), 1.0])


def test_without_variance_nothing_is_said() -> None:
    assert np.isnan(two_sided(np.ones(2), np.asarray([0.0, np.nan]), np.zeros(2))).all()
