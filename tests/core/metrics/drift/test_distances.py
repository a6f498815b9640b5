"""What every count-based distance must satisfy, whatever the counts."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.drift import (
    chi2,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    l_infinity,
    psi,
    total_variation,
)

Distance = Callable[[ArrayLike, ArrayLike], Floats]


def ks_distance(reference: ArrayLike, current: ArrayLike) -> Floats:
    return kolmogorov_smirnov(reference, current).distance


def cramers_v(reference: ArrayLike, current: ArrayLike) -> Floats:
    return chi2(reference, current).cramers_v


def plain_psi(reference: ArrayLike, current: ArrayLike) -> Floats:
    return psi(reference, current, pseudo_count=0.0)


BOUNDED = [jensen_shannon, hellinger, total_variation, l_infinity, cramers_v, ks_distance]
UNORDERED = [jensen_shannon, hellinger, total_variation, l_infinity, cramers_v, psi, plain_psi]
SHARES_ONLY = [*BOUNDED, plain_psi]
MERGE_LOWERS = [jensen_shannon, hellinger, total_variation, cramers_v, plain_psi, ks_distance]
SYMMETRIC = [*BOUNDED, plain_psi]
EVERY = [*BOUNDED, psi]

COUNTS = npst.arrays(np.float64, 6, elements=st.integers(0, 50).map(float))
POSITIVE = npst.arrays(np.float64, 6, elements=st.integers(1, 50).map(float))
CLOSE = 1e-7  # a square root turns rounding at 1e-16 into 1e-8

quick = settings(deadline=None)


@pytest.mark.parametrize("distance", EVERY)
@given(counts=COUNTS)
@quick
def test_no_drift_against_itself(distance: Distance, counts: Floats) -> None:
    assume(counts.sum() > 0)
    assert distance(counts, counts) == pytest.approx(0.0, abs=CLOSE)


@pytest.mark.parametrize("distance", BOUNDED)
@given(reference=COUNTS, current=COUNTS)
@quick
def test_between_zero_and_one(distance: Distance, reference: Floats, current: Floats) -> None:
    assume(reference.sum() > 0 and current.sum() > 0)
    assert 0.0 <= distance(reference, current) <= 1.0


@pytest.mark.parametrize("distance", BOUNDED)
def test_nothing_in_common_is_one(distance: Distance) -> None:
    assert distance([5.0, 0.0], [0.0, 9.0]) == pytest.approx(1.0)


@pytest.mark.parametrize("distance", UNORDERED)
@given(reference=POSITIVE, current=POSITIVE, order=st.permutations(range(6)))
@quick
def test_the_order_of_bins_does_not_matter(
    distance: Distance, reference: Floats, current: Floats, order: list[int]
) -> None:
    assert distance(reference[order], current[order]) == pytest.approx(
        float(distance(reference, current)), rel=1e-9, abs=CLOSE
    )


@pytest.mark.parametrize("distance", SHARES_ONLY)
@given(reference=POSITIVE, current=POSITIVE, factor=st.integers(2, 1000))
@quick
def test_only_shares_matter(
    distance: Distance, reference: Floats, current: Floats, factor: int
) -> None:
    assert distance(reference * factor, current) == pytest.approx(
        float(distance(reference, current)), rel=1e-9, abs=CLOSE
    )


@pytest.mark.parametrize("distance", SYMMETRIC)
@given(reference=POSITIVE, current=POSITIVE)
@quick
def test_symmetric(distance: Distance, reference: Floats, current: Floats) -> None:
    assert distance(reference, current) == pytest.approx(
        float(distance(current, reference)), rel=1e-9, abs=CLOSE
    )


@pytest.mark.parametrize("distance", MERGE_LOWERS)
@given(reference=POSITIVE, current=POSITIVE, cut=st.integers(1, 5))
@quick
def test_joining_neighbouring_bins_never_adds_drift(
    distance: Distance, reference: Floats, current: Floats, cut: int
) -> None:
    starts = np.delete(np.arange(6), cut)
    joined = [np.add.reduceat(counts, starts) for counts in (reference, current)]
    assert distance(*joined) <= distance(reference, current) + CLOSE


@pytest.mark.parametrize("distance", EVERY)
@given(reference=POSITIVE, current=npst.arrays(np.float64, (3, 2, 6), elements=st.integers(1, 9)))
@quick
def test_chunks_are_independent(distance: Distance, reference: Floats, current: Floats) -> None:
    together = distance(reference, current)
    assert together.shape == (3, 2)
    alone = [[float(distance(reference, chunk)) for chunk in row] for row in current]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("distance", EVERY)
def test_no_rows_no_figure(distance: Distance) -> None:
    both = distance([3.0, 4.0], [[0.0, 0.0], [1.0, 2.0]])
    assert np.isnan(both).tolist() == [True, False]
    assert np.isnan(distance([0.0, 0.0], [1.0, 2.0]))


@pytest.mark.parametrize("distance", EVERY)
def test_empty_bins_change_nothing(distance: Distance) -> None:
    assert distance([5.0, 0.0, 7.0], [6.0, 0.0, 2.0]) == pytest.approx(
        float(distance([5.0, 7.0], [6.0, 2.0])), rel=1e-12
    )


@pytest.mark.parametrize("distance", EVERY)
def test_counts_must_belong_together(distance: Distance) -> None:
    with pytest.raises(InvalidInput, match="2 bins and the current data 3"):
        distance([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(InvalidInput, match="0 bins"):
        distance(1.0, 1.0)
    for wrong in ([-1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0]):
        with pytest.raises(InvalidInput, match="not negative"):
            distance([1.0, 2.0], wrong)
