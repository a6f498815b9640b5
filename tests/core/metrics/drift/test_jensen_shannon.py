"""Jensen–Shannon distance by hand and against scipy."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from core.metrics.drift import jensen_shannon


def test_by_hand() -> None:
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4):
    # JS² = ½ log2(4/3) + ½ (½ log2(2/3) + ½ log2 2) = 0.311278…
    by_hand = 0.5 * np.log2(4 / 3) + 0.25 * np.log2(2 / 3) + 0.25
    assert jensen_shannon([8, 0], [3, 3]) == pytest.approx(np.sqrt(by_hand))


def test_agrees_with_scipy() -> None:
    random = np.random.default_rng(1)
    reference, current = random.integers(0, 90, 12), random.integers(0, 90, (40, 12))
    expected = [jensenshannon(reference, chunk, base=2) for chunk in current]
    np.testing.assert_allclose(jensen_shannon(reference, current), expected, rtol=1e-12)
