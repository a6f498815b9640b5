"""Bins made from a reference: sizes, deciles, atoms, and input that has none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import ks_2samp

from core.errors import InvalidInput, NotComputable
from core.metrics.arrays import Floats
from core.metrics.binning import (
    CODE_OFFSET,
    NumericBins,
    assign,
    categorical_bins_from_counts,
    log_spaced_bins,
    numeric_bins_from_counts,
)

FINITE = st.floats(-1e12, 1e12, allow_subnormal=True)
LUMPY = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 1000.0])
SAMPLES = npst.arrays(np.float64, st.integers(1, 400), elements=st.one_of(FINITE, LUMPY))


def bins_of(sample: Floats) -> NumericBins:
    return numeric_bins_from_counts(*np.unique(sample, return_counts=True))


def binned_distance(reference: Floats, current: Floats) -> float:
    """The largest gap between the two distribution functions at the edges."""
    bins = bins_of(reference)
    gaps = [
        np.cumsum(np.bincount(assign(bins, sample), minlength=bins.bin_count)) / sample.size
        for sample in (reference, current)
    ]
    return float(np.abs(gaps[0] - gaps[1]).max())


def exact_distance(reference: Floats, current: Floats) -> float:
    # Only the statistic is used; the asymptotic p-value divides by zero for one row against one.
    if reference.size == current.size == 1:
        return float(ks_2samp(reference, current, method="exact").statistic)
    return float(ks_2samp(reference, current, method="asymp").statistic)


@settings(deadline=None)
@given(reference=SAMPLES, current=SAMPLES)
def test_binned_distance_is_within_half_a_percent_of_scipy(
    reference: Floats, current: Floats
) -> None:
    binned = binned_distance(reference, current)
    exact = exact_distance(reference, current)
    assert exact - 0.005 - 1e-12 <= binned <= exact + 1e-12


def named_pairs() -> dict[str, tuple[Floats, Floats]]:
    random = np.random.default_rng(20060101)
    lognormal = random.lognormal(10.0, 1.2, 60_000)
    halves = np.round(random.normal(20.0, 6.0, 60_000) * 2) / 2
    atoms = np.where(random.random(60_000) < 0.3, 50_000.0, lognormal)
    moved = np.where(atoms == 50_000.0, 50_100.0, atoms)
    wrong_unit = np.where(random.random(60_000) < 0.05, lognormal * 1000, lognormal)
    heavier = np.where(random.random(60_000) < 0.1, 50_000.0, atoms)
    return {
        "lognormal": (lognormal, random.lognormal(10.1, 1.3, 20_000)),
        "half integers": (halves, np.round(random.normal(21.0, 6.0, 20_000) * 2) / 2),
        "atom heavy": (atoms, heavier),
        "atom moved by 100": (atoms, moved),
        "unit changed on 5 %": (lognormal, wrong_unit),
    }


@pytest.mark.parametrize("name", named_pairs())
def test_named_distributions_stay_within_half_a_percent(name: str) -> None:
    reference, current = named_pairs()[name]
    assert binned_distance(reference, current) == pytest.approx(
        exact_distance(reference, current), abs=0.005
    )


def test_a_moved_atom_is_seen_in_full() -> None:
    reference, current = named_pairs()["atom moved by 100"]
    share = np.mean(reference == 50_000.0)
    assert share > 0.29
    assert binned_distance(reference, current) == pytest.approx(share, abs=1e-3)


@settings(deadline=None)
@given(reference=SAMPLES)
def test_deciles_are_edges_exactly(reference: Floats) -> None:
    # Second source: numpy's inverted_cdf quantile. Its k/10 · n is rounded in floating point, so
    # the wanted rank is checked in whole numbers.
    bins = bins_of(reference)
    ordered = np.sort(reference)
    wanted = {ordered[-(-reference.size * k // 10) - 1] for k in range(1, 10)}
    assert {bins.edges[index] for index in bins.deciles} == wanted


def test_deciles_agree_with_numpy() -> None:
    sample = np.random.default_rng(7).normal(size=12_347)
    bins = bins_of(sample)
    expected = np.quantile(sample, np.arange(1, 10) / 10, method="inverted_cdf")
    assert [bins.edges[index] for index in bins.deciles] == expected.tolist()


@settings(deadline=None)
@given(reference=SAMPLES)
def test_only_atoms_exceed_one_two_hundredth(reference: Floats) -> None:
    bins = bins_of(reference)
    counts = np.bincount(assign(bins, reference), minlength=bins.bin_count)
    assert counts[0] == counts[-1] == 0
    for code in np.flatnonzero(counts * 200 > reference.size):
        assert bins.edges[code] in bins.atoms
        assert np.unique(reference[assign(bins, reference) == code]).size == 1
    alone = {
        value
        for value in np.unique(reference)
        if np.sum(reference == value) * 200 >= reference.size
    }
    assert set(bins.atoms) == alone
    for atom in bins.atoms:
        pair = assign(bins, [atom, np.nextafter(atom, -np.inf)])
        assert pair[0] == pair[1] + 1


def test_deviation_is_the_population_standard_deviation() -> None:
    sample = np.random.default_rng(3).lognormal(size=5_000)
    assert bins_of(sample).deviation == pytest.approx(np.std(sample), rel=1e-12)


def test_constant_column_has_one_bin() -> None:
    bins = numeric_bins_from_counts([5.0], [1_000])
    assert bins.edges == (np.nextafter(5.0, -np.inf), 5.0)
    assert bins.atoms == (5.0,)
    assert bins.deviation == 0.0
    assert assign(bins, [4.9, 5.0, 5.1]).tolist() == [0, 1, 2]


def test_all_zero_column_has_no_spread() -> None:
    bins = numeric_bins_from_counts([0.0], [3])
    assert bins.deviation == 0.0
    assert assign(bins, [-5e-324, -0.0, 0.0, 5e-324]).tolist() == [0, 1, 1, 2]


def test_huge_and_subnormal_values() -> None:
    bins = numeric_bins_from_counts([-1.5e308, 5e-324, 1.5e308], [1, 1, 1])
    assert assign(bins, [-1.6e308, -1.5e308, 0.0, 5e-324, 1.5e308, 1.7e308]).tolist() == [
        0,
        1,
        2,
        3,
        5,
        6,
    ]
    # By hand: values ±1.5e308 and about 0, each 1/3: sd = 1.5e308 · √(2/3).
    assert bins.deviation == pytest.approx(1.5e308 * np.sqrt(2 / 3), rel=1e-12)


def test_the_most_negative_double_has_no_edge_below() -> None:
    with pytest.raises(InvalidInput, match="too large"):
        numeric_bins_from_counts([-np.finfo(np.float64).max], [1])


def test_nothing_to_bin() -> None:
    with pytest.raises(NotComputable, match="no value"):
        numeric_bins_from_counts([], [])
    with pytest.raises(NotComputable, match="no value"):
        categorical_bins_from_counts([], [])


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([1.0, 1.0], [1, 1]),
        ([2.0, 1.0], [1, 1]),
        ([1.0, np.nan], [1, 1]),
        ([1.0, np.inf], [1, 1]),
        ([1.0], [0]),
        ([1.0, 2.0], [1]),
        ([[1.0]], [[1]]),
    ],
)
def test_values_must_be_distinct_finite_and_counted(values: list[float], counts: list[int]) -> None:
    with pytest.raises(InvalidInput, match="ascending"):
        numeric_bins_from_counts(values, counts)


def test_categories_by_frequency_then_name() -> None:
    bins = categorical_bins_from_counts(["c", "a", "b", "d"], [5, 9, 5, 1], kept=2, pooled=1)
    assert bins.values == ("a", "b")
    assert bins.rest == ("c",)
    assert not bins.complete
    assert categorical_bins_from_counts(["a"], [1]).complete


@pytest.mark.parametrize(
    ("values", "counts"), [(["a", "a"], [1, 1]), (["a"], [0]), (["a"], [1, 2])]
)
def test_categories_must_be_distinct_and_counted(values: list[str], counts: list[int]) -> None:
    with pytest.raises(InvalidInput, match="categories"):
        categorical_bins_from_counts(values, counts)


def test_log_spaced_bins_share_edges_and_cover_the_span() -> None:
    small, large = log_spaced_bins(1.0, 100.0), log_spaced_bins(0.01, 1e7)
    assert set(small.edges) <= set(large.edges)
    assert small.edges[0] <= 1.0
    assert small.edges[-1] >= 100.0
    ratios = np.diff(np.log(large.edge_array))
    assert ratios == pytest.approx(np.log(1.05))
    assert large.bin_count + CODE_OFFSET == len(large.edges) + 3


@pytest.mark.parametrize(
    ("low", "high", "ratio"),
    [(0.0, 1.0, 1.05), (2.0, 1.0, 1.05), (1.0, 2.0, 1.0), (1.0, 2.0, 1 + 1e-16)],
)
def test_log_spaced_bins_need_a_span(low: float, high: float, ratio: float) -> None:
    with pytest.raises(InvalidInput, match="Log-spaced"):
        log_spaced_bins(low, high, ratio=ratio)
