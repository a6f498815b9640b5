"""Hellinger distance by hand."""

import numpy as np
import pytest

from core.metrics.drift import hellinger


def test_by_hand() -> None:
    # p = (1, 0), q = (1/4, 3/4): H² = 1 − √(1/4) = 1/2.
    assert hellinger([4, 0], [1, 3]) == pytest.approx(np.sqrt(0.5))


def test_by_the_overlap_formula() -> None:
    # Second route: H = √(1 − Σ√(pq)).
    random = np.random.default_rng(2)
    reference, current = random.integers(1, 90, 12), random.integers(1, 90, 12)
    overlap = np.sqrt(reference / reference.sum() * current / current.sum()).sum()
    assert hellinger(reference, current) == pytest.approx(np.sqrt(1 - overlap), rel=1e-9)
