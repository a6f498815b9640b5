"""The figures of alarms are those of the pages, for many pairs at once."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.alarms import MEASURES, Counts, Series, counts_of_feature, measure
from core.metrics.alarms.family import straightened
from core.metrics.binning import BinnedCounts
from core.metrics.drift import evaluate
from core.metrics.performance import brier_score, roc_auc_from_counts
from core.metrics.registry import family_members
from tests.core.metrics.alarms.days import LETTERS, letters, numbers, score_days, scores

DRIFT = [entry.id for entry in family_members("drift")]


def _sides(series: Series) -> tuple[BinnedCounts, BinnedCounts]:
    """Return the first half of the days as one, and four days of the second half."""
    half, n = series.days // 2, series.counts.n
    total = series.counts.sums[0] if len(series.counts.sums) else None
    reference = BinnedCounts(
        n[:half].sum(axis=0), None if total is None else total[:half].sum(axis=0)
    )
    return reference, BinnedCounts(n[half:][:4], None if total is None else total[half:][:4])


@pytest.mark.parametrize("series", [numbers("x", 1), letters("x", 2)], ids=["number", "category"])
@pytest.mark.parametrize("method", DRIFT)
def test_a_drift_figure_is_that_of_the_drift_page(series: Series, method: str) -> None:
    if series.kind not in MEASURES[method].kinds or series.bins is None:
        return
    reference, current = _sides(series)
    expected = evaluate(method, series.bins, reference, current).value
    before, after = counts_of_feature(reference), counts_of_feature(current)
    many = Counts(np.tile(before.n, (4, 1)), np.tile(before.sums[:, None], (1, 4, 1)))
    # Alarms keep the sign of what moved up or down.
    assert np.allclose(np.abs(MEASURES[method].effect(series.bins, before, after)), expected)
    assert np.allclose(np.abs(MEASURES[method].effect(series.bins, many, after)), expected)


def test_every_drift_metric_can_raise_an_alarm() -> None:
    assert set(DRIFT) <= set(MEASURES)


def test_rates_by_hand() -> None:
    before = Counts(np.array([0.0, 5, 95, 0, 0, 0, 0, 0]), np.zeros((0, 8)))
    after = Counts(np.array([0.0, 20, 70, 0, 0, 0, 0, 10]), np.zeros((0, 8)))
    assert measure("missing_share", "categorical").effect(LETTERS, before, after) == pytest.approx(
        0.15
    )
    assert measure("unseen_share", "categorical").effect(LETTERS, before, after) == pytest.approx(
        0.1
    )


def test_rows_outside_the_reference_by_hand() -> None:
    series = numbers("x", 1)
    before = series.counts.merged()
    n = before.n.copy()
    n[2] += 1_000
    after = Counts(n, before.sums)
    found = measure("outside_share", "numeric").effect(series.bins, before, after)
    assert found == pytest.approx(1_000 / 4_000)


def test_performance_figures_are_those_of_the_performance_page() -> None:
    days = score_days(np.random.default_rng(3), 2, 300)
    before, after = (
        Counts(n, sums)
        for n, sums in zip(
            scores_of(days).counts.n, np.moveaxis(scores_of(days).counts.sums, 1, 0), strict=True
        )
    )
    area = roc_auc_from_counts(days.positives, days.negatives).value
    assert measure("roc_auc", "score").effect(None, before, after) == pytest.approx(
        area[1] - area[0]
    )
    brier = brier_score(days).value
    assert measure("brier", "score").effect(None, before, after) == pytest.approx(
        brier[1] - brier[0]
    )
    rate = days.positives.sum(axis=1) / 300
    mean = (days.score_of_positives + days.score_of_negatives).sum(axis=1) / 300
    found = measure("calibration_gap", "score").effect(None, before, after)
    assert found == pytest.approx((rate - mean)[1] - (rate - mean)[0])


def scores_of(days: object) -> Series:
    from core.metrics.alarms import score_series

    return score_series("s", days)  # type: ignore[arg-type]


@pytest.mark.parametrize("measure_id", ["average_precision", "kolmogorov_smirnov_of_score"])
def test_equal_sides_have_no_effect(measure_id: str) -> None:
    side = scores("s", 4).counts.merged()
    assert measure(measure_id, "score").effect(None, side, side) == 0


@pytest.mark.parametrize(
    ("measure_id", "kind"), [("wasserstein", "categorical"), ("psi", "score"), ("none", "numeric")]
)
def test_a_figure_of_another_kind_is_refused(measure_id: str, kind: str) -> None:
    with pytest.raises(InvalidInput):
        measure(measure_id, kind)


@pytest.mark.parametrize("entry", MEASURES.values(), ids=MEASURES)
def test_features_need_their_bins(entry: object) -> None:
    item = MEASURES[getattr(entry, "id")]  # noqa: B009
    if "score" in item.kinds or item.id == "kolmogorov_smirnov":
        return
    side = Counts(np.ones(8), np.zeros((0, 8)))
    with pytest.raises(InvalidInput):
        item.effect(None, side, side)


def test_straight_figures_are_cube_roots_of_squared_distances() -> None:
    assert straightened(np.array([8.0]), 1) == pytest.approx([4.0])
    assert straightened(np.array([8.0]), 2) == pytest.approx([2.0])
