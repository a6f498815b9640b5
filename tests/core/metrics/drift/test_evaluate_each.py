"""Each chunk beside something of its own: the figures of ``evaluate``, pair by pair."""

import numpy as np
import pytest

from core.domain.status import Status
from core.metrics.binning import BinnedCounts, CategoricalBins, NumericBins, count_rows
from core.metrics.binning import numeric_bins_from_counts as bins_from
from core.metrics.drift import Reason, evaluate, evaluate_each
from core.metrics.registry import family_members

METHODS = [each.id for each in family_members("drift")]


def numbers() -> tuple[NumericBins, BinnedCounts]:
    """Return bins, and counts of six samples of 2,000 rows whose mean goes up."""
    draw = np.random.default_rng(1)
    values = draw.normal(size=(6, 2000)) + np.arange(6)[:, None] / 10
    distinct, repeats = np.unique(values[0], return_counts=True)
    bins = bins_from(distinct, repeats)
    parts = [count_rows(bins, row) for row in values]
    stack = {
        name: np.stack([getattr(part, name) for part in parts])
        for name in ("n", "total", "low", "high")
    }
    return bins, BinnedCounts(**stack)


@pytest.mark.parametrize("method", METHODS)
def test_each_pair_is_evaluated_on_its_own(method: str) -> None:
    bins, counts = numbers()
    reference, current = counts.at(slice(0, 5)), counts.at(slice(1, 6))
    found = evaluate_each(method, bins, reference, current)
    for place in range(5):
        one = evaluate(method, bins, reference.at(place), current.at(slice(place, place + 1)))
        for name in ("value", "statistic", "p_value", "n_ref", "n_cur"):
            np.testing.assert_array_equal(getattr(found, name)[place], getattr(one, name)[0])
        assert (found.status[place], found.reason[place]) == (one.status[0], one.reason[0])


@pytest.mark.parametrize("method", METHODS)
def test_the_same_counts_on_both_sides_have_not_moved(method: str) -> None:
    bins, counts = numbers()
    found = evaluate_each(method, bins, counts, counts)
    if method != "chi2":  # tells categories from each other, not numbers
        np.testing.assert_allclose(found.value, 0, atol=1e-9)


def test_what_is_missing_says_why_and_has_no_figure() -> None:
    bins = CategoricalBins(("a", "b"), (), complete=True)
    n = np.tile([0.0, 0.0, 600.0, 600.0, 0.0, 0.0], (4, 1))
    current = n.copy()
    current[2] = 0
    reference = n.copy()
    reference[3] = 0
    found = evaluate_each(
        "psi",
        bins,
        BinnedCounts(reference),
        BinnedCounts(current),
        missing=[None, Reason.outside_log, Reason.outside_log, None],
    )
    assert found.reason.tolist() == ["ok", "outside_log", "current_empty", "comparison_empty"]
    assert np.isnan(found.value).tolist() == [False, True, True, True]
    assert found.status.tolist() == [Status.in_range, *[Status.not_enough_data] * 3]
    assert found.n_ref.tolist() == [1200, 0, 0, 0]


def test_every_chunk_needs_as_many_rows_as_the_widest_reference_asks_for() -> None:
    bins = CategoricalBins(tuple("abcdefghijklmnopqrst"), (), complete=True)
    n = np.zeros((2, bins.bin_count + 2))
    n[0, 2:4] = 300  # two groups, for which 600 rows would do
    n[1, 2:22] = 30
    found = evaluate_each("psi", bins, BinnedCounts(n), BinnedCounts(n))
    assert found.required_n == 20 * 40
    assert found.reason.tolist() == ["too_few_rows"] * 2


@pytest.mark.parametrize("method", ["psi", "wasserstein"])
def test_no_chunk_gives_no_figure(method: str) -> None:
    bins, counts = numbers()
    none = counts.at(slice(0, 0))
    found = evaluate_each(method, bins, none, none, missing=[])
    assert found.value.shape == found.status.shape == (0,)
