"""Evaluating a feature: bins per method, thresholds, reasons, speed."""

import time

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.binning import (
    BinnedCounts,
    CategoricalBins,
    FeatureBins,
    NumericBins,
    count_rows,
    numeric_bins_from_counts,
)
from core.metrics.drift import REASONS, Reason, evaluate, psi, wasserstein_exact
from core.metrics.registry import family_members, metric

RANDOM_SEED = 20060101
METHODS = [entry.id for entry in family_members("drift")]
GROUPED = [entry.id for entry in family_members("drift") if "categorical" in entry.applies_to]
SECTOR = CategoricalBins(values=("a", "b", "c"))


def stacked(bins: FeatureBins, chunks: list[Floats]) -> BinnedCounts:
    counts = [count_rows(bins, chunk) for chunk in chunks]
    parts = {
        name: np.stack([np.asarray(getattr(one, name)) for one in counts])
        for name in ("n", "total", "low", "high")
    }
    return BinnedCounts(**parts)


def normal_feature() -> tuple[NumericBins, Floats, BinnedCounts]:
    rows = np.random.default_rng(RANDOM_SEED).normal(size=20_000)
    bins = numeric_bins_from_counts(*np.unique(rows, return_counts=True))
    return bins, rows, count_rows(bins, rows)


@pytest.mark.parametrize("method", METHODS)
def test_a_moved_chunk_acts_and_an_unmoved_one_is_in_range(method: str) -> None:
    bins, rows, reference = normal_feature()
    random = np.random.default_rng(1)
    chunks = [random.choice(rows, 3_000), random.normal(1.5, size=3_000)]
    result = evaluate(method, bins, reference, stacked(bins, chunks))
    assert result.status.tolist() == ["in_range", "act"]
    assert result.reason.tolist() == ["ok", "ok"]
    assert result.n_ref.tolist() == [20_000, 20_000]
    assert result.n_cur.tolist() == [3_000, 3_000]
    np.testing.assert_array_equal(result.effect, result.value)


def test_fine_bins_for_kolmogorov_smirnov_and_wasserstein() -> None:
    bins, rows, reference = normal_feature()
    chunk = np.random.default_rng(2).normal(0.2, 1.1, 4_000)
    current = stacked(bins, [np.append(chunk, [np.nan] * 50)])
    gap = evaluate("kolmogorov_smirnov", bins, reference, current)
    # Second source: scipy on the raw rows.
    assert gap.value[0] == pytest.approx(ks_2samp(rows, chunk).statistic, abs=0.005)
    assert gap.statistic[0] == gap.value[0]
    assert gap.p_value[0] < 1e-9
    assert gap.n_cur.tolist() == [4_000]
    area = evaluate("wasserstein", bins, reference, current)
    assert area.value[0] == pytest.approx(wasserstein_exact(rows, chunk), rel=0.01)


def test_coarse_groups_with_missing_values_for_psi() -> None:
    bins, rows, reference = normal_feature()
    current = count_rows(bins, np.append(rows[:5_000], np.full(5_000, np.nan)))
    result = evaluate("psi", bins, reference, current)
    assert result.n_cur == 10_000
    # Second route: deciles of the raw rows by numpy, missing values as an eleventh group.
    cuts = np.quantile(rows, np.arange(1, 10) / 10, method="inverted_cdf")
    before = np.bincount(np.searchsorted(cuts, rows), minlength=11)
    after = np.bincount(np.searchsorted(cuts, rows[:5_000]), minlength=11)
    after[10] = 5_000
    assert result.value == pytest.approx(float(psi(before, after)))
    assert result.status == "act"


def test_chi2_gives_effect_as_value_and_the_test_beside_it() -> None:
    reference = BinnedCounts(np.array([0.0, 0, 1000, 600, 400, 0, 0]))
    current = BinnedCounts(np.array([[0.0, 0, 600, 400, 600, 0, 0]]))
    result = evaluate("chi2", SECTOR, reference, current)
    test = chi2_contingency(np.array([[1000, 600, 400], [600, 400, 600]]))
    assert result.statistic[0] == pytest.approx(test.statistic)
    assert result.p_value[0] == pytest.approx(test.pvalue)
    assert result.status.tolist() == ["watch"]
    assert 0.1 < result.value[0] < 0.3


def test_thresholds_of_the_caller() -> None:
    bins, rows, reference = normal_feature()
    current = count_rows(bins, rows[:600] + 0.3)
    default = evaluate("jensen_shannon", bins, reference, current)
    assert default.status == "watch"
    strict = evaluate("jensen_shannon", bins, reference, current, watch=0.01, act=0.02)
    assert (str(strict.status), strict.watch, strict.act) == ("act", 0.01, 0.02)
    patient = evaluate("jensen_shannon", bins, reference, current, minimum_n=601)
    assert str(patient.reason) == "too_few_rows"


def test_too_few_rows_keep_their_value_without_a_verdict() -> None:
    bins, rows, reference = normal_feature()
    result = evaluate("psi", bins, reference, stacked(bins, [rows[:499], rows[:500]]))
    assert result.required_n == 500
    assert result.status.tolist() == ["not_enough_data", "in_range"]
    assert result.reason.tolist() == ["too_few_rows", "ok"]
    assert np.isfinite(result.value).all()


def test_many_groups_need_more_rows() -> None:
    states = CategoricalBins(values=tuple(f"state {number}" for number in range(50)))
    reference = BinnedCounts(np.array([0.0, 0, *[1_000] * 50, 0, 0]))
    current = BinnedCounts(np.array([0.0, 0, *[39] * 50, 0, 0]))
    result = evaluate("psi", states, reference, current)
    assert result.required_n == 2_000
    assert result.status == "not_enough_data"


@pytest.mark.parametrize("method", METHODS)
def test_empty_chunks_and_an_empty_reference_have_reasons(method: str) -> None:
    bins, rows, reference = normal_feature()
    current = stacked(bins, [np.array([]), rows[:600]])
    result = evaluate(method, bins, reference, current, minimum_n=500)
    assert result.reason.tolist() == ["current_empty", "ok"]
    assert np.isnan(result.value).tolist() == [True, False]
    nothing = count_rows(bins, [])
    assert evaluate(method, bins, nothing, current).reason.tolist() == ["reference_empty"] * 2
    assert np.isnan(evaluate(method, bins, nothing, current).value).all()


@pytest.mark.parametrize("method", ["kolmogorov_smirnov", "wasserstein"])
def test_a_column_of_missing_values_has_no_numeric_figure(method: str) -> None:
    bins, _, reference = normal_feature()
    result = evaluate(method, bins, reference, count_rows(bins, [np.nan] * 900))
    assert str(result.reason) == "current_empty"
    assert evaluate("psi", bins, reference, count_rows(bins, [np.nan] * 900)).status == "act"


def test_numeric_methods_do_not_apply_to_categories() -> None:
    counts = BinnedCounts(np.array([0.0, 0, 5, 5, 5, 0, 0]))
    result = evaluate("wasserstein", SECTOR, counts, counts)
    assert (str(result.reason), str(result.status)) == ("not_applicable", "not_enough_data")
    assert np.isnan(result.value)


def test_a_constant_reference_has_no_unit_but_still_a_distance() -> None:
    bins = numeric_bins_from_counts([7.0], [1_000])
    reference, current = (
        count_rows(bins, [7.0] * 1_000),
        count_rows(bins, [7.0] * 500 + [8.0] * 500),
    )
    assert str(evaluate("wasserstein", bins, reference, current).reason) == "no_spread"
    assert evaluate("kolmogorov_smirnov", bins, reference, current).value == 0.5


def test_infinite_values_have_a_reason() -> None:
    bins, rows, reference = normal_feature()
    current = count_rows(bins, np.append(rows[:600], np.inf))
    assert str(evaluate("wasserstein", bins, reference, current).reason) == "not_finite"


def test_wrong_input_is_refused() -> None:
    bins, _, reference = normal_feature()
    with pytest.raises(InvalidInput, match=r"no metric called median\. Choose from: psi"):
        evaluate("median", bins, reference, reference)
    with pytest.raises(InvalidInput, match="bins of the feature"):
        evaluate("psi", SECTOR, reference, reference)
    with pytest.raises(InvalidInput, match="sums"):
        evaluate("wasserstein", bins, BinnedCounts(reference.n), BinnedCounts(reference.n))


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("method", METHODS)
def test_false_alarms_without_drift_are_rare_at_the_smallest_chunk(method: str) -> None:
    # The pages promise fewer than 1 in 100 for chunks of the least rows that are judged.
    bins, _, reference = normal_feature()
    random = np.random.default_rng(3)
    current = stacked(bins, list(random.normal(size=(1_000, metric(method).minimum_n))))
    result = evaluate(method, bins, reference, current)
    assert (result.reason == "ok").all()
    assert np.mean(result.status != "in_range") < 0.01


@pytest.mark.parametrize("method", METHODS)
def test_a_year_of_days_and_25_features_takes_no_time(method: str) -> None:
    # 20–60 ms on two quiet cores; the bound only catches a slip of an order of magnitude.
    bins, rows, reference = normal_feature()
    year = stacked(bins, [rows[:1_000]] * 365)
    start = time.perf_counter()
    for _ in range(25):
        evaluate(method, bins, reference, year)
    assert time.perf_counter() - start < 1.0
