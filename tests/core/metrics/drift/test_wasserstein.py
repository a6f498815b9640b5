"""Wasserstein distance by hand, against scipy, and from bins."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import wasserstein_distance

from core.errors import InvalidInput, NotComputable
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, count_rows, numeric_bins_from_counts
from core.metrics.drift import wasserstein, wasserstein_exact

VALUES = npst.arrays(np.float64, st.integers(2, 300), elements=st.floats(-1e6, 1e6, width=32))


def from_bins(reference: Floats, current: Floats) -> float:
    bins = numeric_bins_from_counts(*np.unique(reference, return_counts=True))
    sides = [count_rows(bins, side) for side in (reference, current)]

    def totals(side: BinnedCounts) -> Floats:
        assert side.total is not None
        return side.total[CODE_OFFSET:]

    return float(
        wasserstein(
            sides[0].n[CODE_OFFSET:],
            sides[1].n[CODE_OFFSET:],
            reference_totals=totals(sides[0]),
            current_totals=totals(sides[1]),
            edges=bins.edge_array,
            deviation=bins.deviation,
        )
    )


def scipys(reference: Floats, current: Floats) -> float:
    return float(wasserstein_distance(reference, current) / np.std(reference))


def test_by_hand() -> None:
    # (0, 2) → (1, 3): every value moves by 1; sd of (0, 2) is 1.
    assert wasserstein_exact([0.0, 2.0], [1.0, 3.0]) == pytest.approx(1.0)
    assert from_bins(np.array([0.0, 2.0]), np.array([1.0, 3.0])) == pytest.approx(1.0)


def test_exact_agrees_with_scipy() -> None:
    random = np.random.default_rng(8)
    reference, current = random.lognormal(size=5_000), random.lognormal(0.1, 1.1, 700)
    expected = scipys(reference, current)
    assert wasserstein_exact(reference, current) == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(reference=VALUES, current=VALUES)
def test_bins_never_exceed_the_exact_distance(reference: Floats, current: Floats) -> None:
    assume(np.std(reference) > 1e-3)
    exact = scipys(reference, current)
    found = from_bins(reference, current)
    scale = np.abs(np.concatenate([reference, current])).max() / np.std(reference)
    assert found <= exact + 1e-9 * (exact + scale)


def named_pairs() -> dict[str, tuple[Floats, Floats, float]]:
    random = np.random.default_rng(20060101)
    lognormal = random.lognormal(10.0, 1.2, 60_000)
    halves = np.round(random.normal(20.0, 6.0, 60_000) * 2) / 2
    atoms = np.where(random.random(60_000) < 0.3, 50_000.0, lognormal)
    return {
        "lognormal": (lognormal, random.lognormal(10.1, 1.3, 20_000), 1e-2),
        "half integers": (halves, np.round(random.normal(21.0, 6.0, 20_000) * 2) / 2, 1e-3),
        "moved atom": (atoms, np.where(atoms == 50_000.0, 50_100.0, atoms), 1e-6),
        "unit changed on 5 %": (
            lognormal,
            np.where(random.random(60_000) < 0.05, lognormal * 1000, lognormal),
            1e-3,
        ),
        "shifted normal": (random.normal(size=60_000), random.normal(0.1, size=5_000), 1e-2),
    }


@pytest.mark.parametrize("name", named_pairs())
def test_bins_are_close_to_scipy(name: str) -> None:
    reference, current, tolerance = named_pairs()[name]
    assert from_bins(reference, current) == pytest.approx(scipys(reference, current), rel=tolerance)


def test_exact_needs_spread() -> None:
    with pytest.raises(NotComputable, match="equal"):
        wasserstein_exact([0.1, 0.1, 0.1], [1.0])


def test_without_spread_rows_or_finite_sums_there_is_no_figure() -> None:
    def figure(current: list[float], total: list[float], deviation: float) -> Floats:
        return wasserstein(
            [0.0, 2.0, 0.0],
            current,
            reference_totals=[0.0, 1.0, 0.0],
            current_totals=total,
            edges=[0.0, 1.0],
            deviation=deviation,
        )

    assert np.isfinite(figure([0.0, 1.0, 1.0], [0.0, 0.5, 3.0], 1.0))
    assert np.isnan(figure([0.0, 1.0, 1.0], [0.0, 0.5, 3.0], 0.0))
    assert np.isnan(figure([0.0, 1.0, 1.0], [0.0, 0.5, 3.0], float("nan")))
    assert np.isnan(figure([0.0, 1.0, 1.0], [0.0, 0.5, np.inf], 1.0))
    assert np.isnan(figure([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 1.0))


def test_counts_must_belong_to_the_edges() -> None:
    with pytest.raises(InvalidInput, match="edges"):
        wasserstein(
            [1.0, 2.0],
            [1.0, 2.0],
            reference_totals=[0.0, 0.0],
            current_totals=[0.0, 0.0],
            edges=[0.0, 1.0],
            deviation=1.0,
        )
