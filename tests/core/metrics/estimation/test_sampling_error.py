import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.metrics.estimation import LIMITS, SamplingErrors, band, fit_sampling_errors
from core.metrics.performance import (
    BINARY,
    CellValues,
    Confusion,
    binary_figures,
    f1,
    roc_auc,
    score_counts,
)

VALUES = CellValues(10.0, -5.0, -2.0, 1.0)
Z = 1.959963984540054


def simulated(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = np.round(random.beta(1.5, 2.5, n), 2)
    return scores, (random.random(n) < scores**1.3).astype(float)


def cells(scores: np.ndarray, labels: np.ndarray, cut: float = 0.4) -> Confusion:
    said, came = scores >= cut, labels == 1
    return Confusion.of(
        *((a & b).sum() for a, b in ((said, came), (said, ~came), (~said, came), (~said, ~came)))
    )


def fitted(scores: np.ndarray, labels: np.ndarray) -> SamplingErrors:
    return fit_sampling_errors(
        score_counts(scores, labels), cells(scores, labels), values=VALUES, draws=200
    )


def test_shares_by_hand() -> None:
    # TP 6, FP 2, FN 4, TN 8 of 20 rows.
    counts = score_counts([0.2, 0.8] * 10, [0, 1] * 10)
    found = fit_sampling_errors(counts, Confusion.of(6, 2, 4, 8), values=VALUES)
    assert found.spreads["accuracy"] == pytest.approx(np.sqrt(0.7 * 0.3))
    assert found.spreads["precision"] == pytest.approx(np.sqrt(0.75 * 0.25 / (8 / 20)))
    assert found.spreads["recall"] == pytest.approx(np.sqrt(0.6 * 0.4 / (10 / 20)))
    assert found.spreads["specificity"] == pytest.approx(np.sqrt(0.8 * 0.2 / (10 / 20)))
    worth = np.repeat([10.0, -5.0, -2.0, 1.0], [6, 2, 4, 8])
    assert found.spreads["business_value"] == pytest.approx(worth.std())
    # Scores 0.2 and 0.8 are equally far from every outcome: how these vary is not known.
    assert np.isnan([found.spreads["brier_score"], found.spreads["log_loss"]]).all()
    assert float(found.of("accuracy", 400)) == pytest.approx(np.sqrt(0.21) / 20)
    assert float(found.of("business_value", 400)) == pytest.approx(worth.std() * 20)
    assert float(found.of_estimator("accuracy", 400)) == pytest.approx(np.sqrt(0.21 / 20))
    assert float(found.of_estimator("business_value", 400)) == pytest.approx(
        worth.std() / np.sqrt(20) * 400
    )


def test_at_the_references_own_size_they_are_those_of_the_realised_figures() -> None:
    # Second source: DeLong's and the delta method's intervals of the realised figures.
    scores, labels = simulated(4_000, 1)
    found = fitted(scores, labels)
    area = roc_auc(scores, labels)
    assert float(found.of("roc_auc", 4_000)) == pytest.approx(
        float(area.high - area.low) / 2 / Z, rel=2e-3
    )
    harmonic = f1(cells(scores, labels))
    assert float(found.of("f1", 4_000)) == pytest.approx(
        float(harmonic.high - harmonic.low) / 2 / Z, rel=5e-3
    )
    counts = score_counts(scores, labels)
    figures = binary_figures(counts, cells(scores, labels), values=VALUES)
    for name in ("brier_score", "log_loss", "accuracy", "business_value"):
        limits = figures[name]
        assert float(found.of(name, 4_000)) == pytest.approx(
            float(limits.high - limits.low) / 2 / Z, rel=5e-3
        ), name


def test_chance_spreads_figures_as_they_say() -> None:
    # 300 samples of 800 rows: their spread is known to within about 4 % (1 / √600).
    big_scores, big_labels = simulated(200_000, 2)
    found = fitted(big_scores, big_labels)
    random = np.random.default_rng(3)
    drawn: dict[str, list[float]] = {}
    for _ in range(300):
        place = random.integers(big_scores.size, size=800)
        scores, labels = big_scores[place], big_labels[place]
        figures = binary_figures(score_counts(scores, labels), cells(scores, labels), values=VALUES)
        for name in found.spreads:
            drawn.setdefault(name, []).append(float(figures[name].value))
    assert set(drawn) < set(BINARY)
    for name, values in drawn.items():
        assert np.std(values) == pytest.approx(float(found.of(name, 800)), rel=0.16), name


@pytest.mark.parametrize("label", [0, 1])
def test_what_the_reference_does_not_give_is_unknown(label: int) -> None:
    counts = score_counts([0.2, 0.4], [label, label])
    some = Confusion.of(0, 0, 2 * label, 2 * (1 - label))
    found = fit_sampling_errors(counts, some)
    assert np.isnan(found.spreads["roc_auc"])
    assert np.isnan(found.spreads["precision"])
    assert np.isnan(found.spreads["average_precision"])
    assert np.isnan(found.spreads["f1"]) == (label == 0)
    # Two rows, both right: as if there were two more of either kind, (2 + 2) / (2 + 4).
    assert found.spreads["accuracy"] == pytest.approx(np.sqrt(2 / 3 / 3))
    assert "business_value" not in found.spreads
    assert np.isnan(found.of("business_value", 10))


def test_an_empty_reference_is_unknown_throughout() -> None:
    found = fit_sampling_errors(score_counts([], []), Confusion.of(0, 0, 0, 0))
    assert all(np.isnan(spread) for spread in found.spreads.values())


def test_a_chunk_without_rows_has_no_error() -> None:
    found = SamplingErrors({"accuracy": 0.4}, 100)
    np.testing.assert_allclose(found.of("accuracy", [0, 16]), [np.nan, 0.1])
    np.testing.assert_allclose(found.of_estimator("accuracy", [0, 16]), [np.nan, 0.04])


def test_bands_are_cut_off_at_what_the_figure_can_be() -> None:
    found = SamplingErrors({"accuracy": 1.0, "business_value": 1.0, "mae": 1.0}, 100)
    limits = found.band("accuracy", [0.1, 0.5, 0.9], 100)
    np.testing.assert_allclose(limits.low, [0, 0.2, 0.6])
    np.testing.assert_allclose(limits.high, [0.4, 0.8, 1])
    assert float(found.band("mae", 0.1, 100).low) == 0
    assert float(found.band("business_value", 0.0, 100).low) == -30
    narrow = band("recall", 0.5, 0.1)
    assert (float(narrow.low), float(narrow.high)) == (0.4, 0.6)
    assert LIMITS["log_loss"] == (0.0, np.inf)


@given(st.floats(0, 1), st.integers(1, 10_000), st.floats(0, 3))
def test_a_band_holds_its_estimate_and_narrows_with_rows(
    value: float, n: int, spread: float
) -> None:
    found = SamplingErrors({"recall": spread}, 100)
    wide, slim = (found.band("recall", value, rows) for rows in (n, 4 * n))
    assert wide.low <= slim.low <= value <= slim.high <= wide.high


def test_they_can_be_stored() -> None:
    found = SamplingErrors({"accuracy": 0.4, "recall": np.nan}, 100.0)
    again = SamplingErrors.from_json(found.to_json())
    assert again.rows == 100
    assert again.spreads["accuracy"] == 0.4
    assert np.isnan(again.spreads["recall"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"spreads": [], "rows": 1}'])
def test_a_stored_text_of_somebody_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not ours"):
        SamplingErrors.from_json(text)


def test_no_band_is_without_width() -> None:
    # One row was flagged, and rightly; all are in perfect order: neither is certain of more rows.
    counts = score_counts([0.1, 0.2, 0.3, 0.9], [0, 0, 0, 1])
    found = fit_sampling_errors(counts, Confusion.of(1, 0, 0, 3), values=VALUES)
    precision = found.band("precision", 0.9, 50)
    assert precision.high - precision.low > 0.5
    assert found.spreads["precision"] == pytest.approx(np.sqrt(0.6 * 0.4 * 4))
    area = found.band("roc_auc", 0.95, 50)
    assert area.low < 0.9
    for name in found.spreads:
        assert found.of(name, 50) != 0, name
