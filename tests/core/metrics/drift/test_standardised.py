"""A reference weighted to the strata of the current rows: by hand, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.metrics.binning import BinnedCounts
from core.metrics.drift import standardised

# Two weekdays: 30 rows on Mondays, 10 on Tuesdays, in three bins with sums.
REFERENCE = BinnedCounts(
    np.array([[15.0, 15.0, 0.0], [0.0, 5.0, 5.0]]),
    np.array([[30.0, 60.0, 0.0], [0.0, 25.0, 45.0]]),
    np.array([[1.0, 3.0, np.nan], [np.nan, 2.0, 8.0]]),
    np.array([[2.0, 5.0, np.nan], [np.nan, 6.0, 9.0]]),
)


def test_one_stratum_is_compared_with_its_own_rows() -> None:
    found = standardised(REFERENCE, np.array([[7.0, 0.0], [0.0, 3.0]]))
    np.testing.assert_array_equal(found.n, REFERENCE.n)
    for name in ("total", "low", "high"):
        np.testing.assert_array_equal(getattr(found, name), getattr(REFERENCE, name))


def test_the_mix_of_the_reference_gives_the_reference() -> None:
    found = standardised(REFERENCE, np.array([[3.0, 1.0]]))
    np.testing.assert_array_equal(found.n, [[15, 20, 5]])
    np.testing.assert_array_equal(found.total, [[30, 85, 45]])
    np.testing.assert_array_equal(found.low, [[1, 2, 8]])
    np.testing.assert_array_equal(found.high, [[2, 6, 9]])


def test_an_even_mix_by_hand() -> None:
    # Shares (1/2, 1/2, 0) and (0, 1/2, 1/2), half each: (1/4, 1/2, 1/4).
    # N = 1 / ((1/4) / 30 + (1/4) / 10) = 30.
    found = standardised(REFERENCE, np.array([[50.0, 50.0]]))
    np.testing.assert_allclose(found.n, [[7.5, 15, 7.5]], rtol=1e-8)


def test_without_rows_on_either_side_there_is_nothing_to_compare_with() -> None:
    reference = BinnedCounts(np.array([[5.0, 5.0], [0.0, 0.0]]))
    found = standardised(reference, np.array([[0.0, 0.0], [9.0, 1.0], [9.0, 0.0]]))
    np.testing.assert_array_equal(found.n, [[0, 0], [0, 0], [5, 5]])
    assert found.total is None


def test_infinite_sums_of_other_strata_do_not_spread() -> None:
    reference = BinnedCounts(
        np.array([[4.0], [4.0]]), np.array([[np.inf], [8.0]]), np.ones((2, 1)), np.ones((2, 1))
    )
    found = standardised(reference, np.array([[0.0, 1.0], [1.0, 1.0]]))
    assert found.total is not None
    assert found.total[:, 0].tolist() == [8.0, np.inf]


counts = arrays(np.float64, (7, 4), elements=st.integers(0, 500).map(float))
mixes = arrays(np.float64, (5, 7), elements=st.integers(0, 500).map(float))


@given(counts, mixes)
def test_shares_are_those_of_the_mix_and_rows_never_more_than_there_are(
    n: np.ndarray, mix: np.ndarray
) -> None:
    found = standardised(BinnedCounts(n), mix)
    rows, shown = n.sum(axis=1), found.n.sum(axis=1)
    assert (shown <= n.sum() * (1 + 1e-6)).all()
    for chunk, weights in enumerate(mix):
        known = weights.sum() > 0 and not ((weights > 0) & (rows == 0)).any()
        assert (shown[chunk] > 0) == known
        if known:
            used = weights > 0
            share = weights[used] / weights.sum()
            wanted = share @ (n[used] / rows[used, None])
            np.testing.assert_allclose(found.n[chunk] / shown[chunk], wanted, atol=1e-5)


@given(arrays(np.float64, 4, elements=st.integers(0, 500).map(float)), st.integers(1, 50))
def test_strata_that_are_all_alike_give_the_whole_of_them(n: np.ndarray, weeks: int) -> None:
    found = standardised(BinnedCounts(np.tile(n, (7, 1))), np.full((1, 7), float(weeks)))
    np.testing.assert_array_equal(found.n[0], 7 * n)


def test_the_number_of_rows_is_as_sure_as_the_shares() -> None:
    """The variance of a standardised share, simulated, is p (1 − p) / N."""
    draw = np.random.default_rng(3)
    rows, mix = np.array([400, 100]), np.array([[1.0, 3.0]])
    first = draw.binomial(rows[:, None], 0.3, (2, 4000)).astype(float)
    found = [
        standardised(BinnedCounts(np.column_stack([hits, rows - hits])), mix).n[0]
        for hits in first.T
    ]
    share = np.array([n[0] / n.sum() for n in found])
    assert share.var() == pytest.approx(0.3 * 0.7 / found[0].sum(), rel=0.1)
