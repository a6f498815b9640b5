"""Total variation and L-infinity by hand and against scipy."""

import numpy as np
import pytest
from scipy.spatial.distance import chebyshev, cityblock

from core.metrics.drift import l_infinity, total_variation


def test_by_hand() -> None:
    # p = (.5, .3, .2), q = (.2, .2, .6): differences .3, .1, .4.
    assert total_variation([5, 3, 2], [2, 2, 6]) == pytest.approx(0.4)
    assert l_infinity([5, 3, 2], [1, 1, 3]) == pytest.approx(0.4)


def test_agrees_with_scipy() -> None:
    random = np.random.default_rng(3)
    reference, current = random.integers(0, 90, 12), random.integers(0, 90, 12)
    p, q = reference / reference.sum(), current / current.sum()
    assert total_variation(reference, current) == pytest.approx(cityblock(p, q) / 2)
    assert l_infinity(reference, current) == pytest.approx(chebyshev(p, q))
