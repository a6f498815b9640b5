import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from core.errors import InvalidInput
from core.metrics.estimation import (
    SamplingErrors,
    coverage,
    estimate,
    expected_rows,
    fit_calibrator,
    fit_sampling_errors,
    walk_forward,
    widening,
)
from core.metrics.performance import CellValues, Confusion, binary_figures, score_counts
from tests.core.metrics.estimation.data import car_loan


def test_without_history_it_is_the_sampling_band_and_says_so() -> None:
    found = widening([], [], [])
    assert (found.added, found.chunks) == (0, 0)
    assert np.isnan(found.attained)
    unknown = widening([0.5], [0.1], [np.nan])
    assert (unknown.added, unknown.chunks) == (0, 0)
    said, error = np.array([0.5, 0.6]), np.array([0.01, 0.02])
    bands = walk_forward("recall", said, error, [np.nan, np.nan])
    sampling = SamplingErrors({"recall": 1.0}, 1).band("recall", said, 1 / error**2)
    np.testing.assert_allclose(bands.low, sampling.low)
    np.testing.assert_allclose(bands.high, sampling.high)
    assert bands.chunks.tolist() == [0, 0]


def test_the_rank_by_hand() -> None:
    # 19 excesses 0.01 … 0.19 beyond a band of ±0.3: rank ⌈20 · 0.95⌉ = 19, ⌈20 · 0.5⌉ = 10.
    departures = 0.3 + np.arange(1, 20) / 100
    found = widening(np.full(19, 0.5), np.full(19, 0.1), 0.5 + departures)
    assert found.added == pytest.approx(0.19)
    assert (found.chunks, found.attained) == (19, 0.95)
    half = widening(np.full(19, 0.5), np.full(19, 0.1), 0.5 - departures, level=0.5)
    assert half.added == pytest.approx(0.10)


def test_bands_that_never_failed_are_not_widened() -> None:
    found = widening([0.5, 0.5], [0.01, 0.01], [0.51, 0.475])
    assert (found.added, found.chunks) == (0, 2)
    assert found.attained == pytest.approx(2 / 3)


def test_few_chunks_are_helped_by_students_distribution() -> None:
    # Second source: scipy's quantile. Departures 0.04 and 0.01 beyond ±0.03.
    found = widening([0.5, 0.5], [0.01, 0.01], [0.54, 0.51])
    mean_square = (0.04**2 + 0.01**2) / 2
    reach = t(2).ppf(0.975) * np.sqrt(mean_square * 1.5)
    assert found.added == pytest.approx(reach - 0.03)
    assert found.added > 0.01
    # One great departure among many small ones: the largest excess is more than Student asks for.
    many = widening(np.zeros(15), np.zeros(15), [1.0, *np.zeros(14)])
    assert many.added == pytest.approx(1.0)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_widened_band_holds_its_level_of_the_past(seed: int, m: int, level: float) -> None:
    random = np.random.default_rng(seed)
    said, error = random.random(m), random.random(m) / 20
    came = said + random.normal(0, 0.1, m)
    found = widening(said, error, came, level=level)
    assert found.added >= 0
    assert found.attained <= level
    held = np.abs(came - said) <= 3 * error + found.added + 1e-12
    assert held.mean() >= found.attained - 1e-12
    assert widening(said, error, came, level=level / 2).added <= found.added


def test_each_band_learns_only_from_what_had_matured() -> None:
    said, error = np.full(4, 0.5), np.full(4, 0.01)
    came = np.array([0.6, 0.5, 0.5, 0.5])
    next_chunk = walk_forward("recall", said, error, came)
    assert next_chunk.chunks.tolist() == [0, 1, 2, 3]
    assert next_chunk.added[0] == 0 < 0.07 <= next_chunk.added[1]
    later = walk_forward("recall", said, error, came, matured_after=3)
    assert later.chunks.tolist() == [0, 0, 0, 1]
    assert later.added.tolist() == [0, 0, 0, next_chunk.added[1]]
    future = walk_forward("recall", said, error, np.array([0.6, 0.5, 0.5, 0.9]))
    np.testing.assert_array_equal(future.low, next_chunk.low)


def test_coverage_reaches_the_level_on_simulated_shifts() -> None:
    # The score's meaning moves a little in every chunk, p = score^u with u around 1; the sampling
    # band alone fails, the widened one holds at least 95 % (less three standard errors) of 400.
    random = np.random.default_rng(11)
    chunks, n = 400, 2_000
    calibrator = fit_calibrator(*_rows(random, 40_000, 1.0)[:2])
    errors = _errors(*_rows(random, 40_000, 1.0))
    said, came = [], []
    for power in np.exp(random.normal(0, 0.15, chunks)):
        score, label, flagged = _rows(random, n, power)
        said.append(float(estimate(expected_rows(score, flagged, calibrator))["recall"]))
        came.append(float(label[flagged == 1].sum() / label.sum()))
    spread = errors.of("recall", np.full(chunks, n))
    sampling = errors.band("recall", said, n)
    bare = coverage(sampling.low, sampling.high, came)
    assert float(bare.share.value) < 0.9
    bands = walk_forward("recall", said, spread, came)
    seasoned = slice(19, None)
    found = coverage(bands.low[seasoned], bands.high[seasoned], np.array(came)[seasoned])
    assert found.judged == chunks - 19
    assert found.covered / found.judged > 0.95 - 3 * np.sqrt(0.95 * 0.05 / found.judged)


def _rows(
    random: np.random.Generator, n: int, power: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    score = np.round(random.beta(1.2, 1.8, n), 2)
    label = (random.random(n) < score**power).astype(float)
    return score, label, (score > 0.5).astype(float)


def _errors(score: np.ndarray, label: np.ndarray, flagged: np.ndarray) -> SamplingErrors:
    return fit_sampling_errors(score_counts(score, label), _cells(flagged, label))


def _cells(flagged: np.ndarray, label: np.ndarray) -> Confusion:
    hit, said, came = (flagged * label).sum(), flagged.sum(), label.sum()
    return Confusion.of(hit, said - hit, came - hit, flagged.size - said - came + hit)


def test_coverage_by_hand() -> None:
    found = coverage([0.1, 0.2, np.nan, 0.4], [0.3, 0.3, 0.5, 0.6], [0.3, 0.4, 0.4, np.nan])
    assert (found.covered, found.judged) == (1, 2)
    assert found.within.tolist() == [True, False, False, False]
    assert float(found.share.value) == 0.5
    none = coverage([], [], [])
    assert none.judged == 0
    assert np.isnan(none.share.value)


PUBLISHED = {
    # Chunks 5 to 9 of the car-loan analysis inside nannyml's band, as counted from its figures.
    **dict.fromkeys(("roc_auc", "average_precision", "f1", "accuracy", "business_value"), 5),
    **{"recall": 0, "precision": 2, "specificity": 3},
}
WIDENED = {**dict.fromkeys(PUBLISHED, 5), "recall": 4, "precision": 4, "specificity": 4}


@pytest.mark.parametrize("figure", PUBLISHED)
def test_the_car_loan_bands_hold_what_they_are_said_to(figure: str) -> None:
    values = CellValues(100, -50, -20, 10)
    reference, rows = car_loan("reference"), car_loan("analysis")
    calibrator = fit_calibrator(reference["y_pred_proba"], reference["repaid"])
    outcome, flagged = (reference[name].to_numpy(float) for name in ("repaid", "y_pred"))
    errors = fit_sampling_errors(
        score_counts(reference["y_pred_proba"], outcome), _cells(flagged, outcome), values=values
    )
    said, came = np.empty(10), np.empty(10)
    for place in range(10):
        chunk = rows.iloc[5_000 * place : 5_000 * (place + 1)]
        score, flags, label = (
            chunk[name].to_numpy(float) for name in ("y_pred_proba", "y_pred", "repaid")
        )
        said[place] = estimate(expected_rows(score, flags, calibrator), values=values)[figure]
        came[place] = binary_figures(
            score_counts(score, label), _cells(flags, label), values=values
        )[figure].value
    sampling = errors.band(figure, said, np.full(10, 5_000))
    bare = coverage(sampling.low, sampling.high, came).within
    assert (bare[:5].sum(), bare[5:].sum()) == (5, PUBLISHED[figure])
    bands = walk_forward(figure, said, errors.of(figure, np.full(10, 5_000)), came)
    ours = coverage(bands.low, bands.high, came).within
    assert (ours[:5].sum(), ours[5:].sum()) == (5, WIDENED[figure])


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in number"):
        widening([0.5], [0.1, 0.1], [0.5])
    with pytest.raises(InvalidInput, match="confidence level"):
        widening([0.5], [0.1], [0.5], level=1.0)
    with pytest.raises(InvalidInput, match="one chunk later"):
        walk_forward("recall", [0.5], [0.1], [0.5], matured_after=0)
    with pytest.raises(InvalidInput, match="differ in number"):
        coverage([0.1], [0.2], [])
