"""Population stability index by hand, and its pseudo-count."""

from math import log

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.drift import psi
from core.metrics.drift.psi import psi_terms


def test_by_hand_without_pseudo_count() -> None:
    # p = (1/2, 1/2), q = (1/4, 3/4): −1/4 ln(1/2) + 1/4 ln(3/2) = ln(3)/4.
    assert psi([50, 50], [25, 75], pseudo_count=0) == pytest.approx(log(3) / 4)


def test_by_hand_with_pseudo_count() -> None:
    # Two bins in use, 0.5 each: p = (9.5, 1.5)/11, q = (4.5, 0.5)/5; the third bin is empty.
    p, q = (9.5 / 11, 1.5 / 11), (4.5 / 5, 0.5 / 5)
    by_hand = sum((b - a) * log(b / a) for a, b in zip(p, q, strict=True))
    assert psi([9, 1, 0], [4, 0, 0]) == pytest.approx(by_hand)


def test_an_empty_bin_is_finite_only_with_a_pseudo_count() -> None:
    assert np.isinf(psi([10, 0], [5, 5], pseudo_count=0))
    assert np.isfinite(psi([10, 0], [5, 5]))


def test_one_standard_deviation_is_about_one() -> None:
    # The claim of the docstring: for N(0,1) → N(1,1) the symmetrised divergence is exactly 1;
    # ten bins see a little less of it.
    random = np.random.default_rng(11)
    edges = np.quantile(random.normal(size=200_000), np.arange(1, 10) / 10)
    counts = [
        np.bincount(np.searchsorted(edges, random.normal(mean, size=200_000)), minlength=10)
        for mean in (0.0, 1.0)
    ]
    assert 0.85 < psi(*counts) < 1.0


def test_a_negative_pseudo_count_is_refused() -> None:
    with pytest.raises(InvalidInput, match="pseudo-count"):
        psi([1], [1], pseudo_count=-1)


def test_a_chunk_beside_an_empty_reference_has_no_terms_and_the_others_keep_theirs() -> None:
    reference, current = np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([[1.0, 1.0], [5.0, 5.0]])
    found = psi_terms(reference, current)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], 0.0, atol=1e-15)
