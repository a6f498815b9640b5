"""The interval of the calibration error: 0 where a score keeps its word, not where it does not."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.performance import (
    ScoreCounts,
    bootstrap,
    calibration_error_interval,
    expected_calibration_error,
    score_counts,
)
from tests.core.metrics.performance.rows import binned, simulated


def periods(lift: float, count: int, rows: int) -> ScoreCounts:
    parts = [binned(*simulated(rows, seed=50 + each, lift=lift), bins=100) for each in range(count)]
    return ScoreCounts(
        *(np.stack([getattr(part, name) for part in parts]) for name in ScoreCounts.__slots__)
    )


def test_the_lower_limit_of_a_calibrated_score_is_0() -> None:
    # 0 is the truth; the bootstrap alone never finds it.
    counts = periods(1.0, 200, 500)
    found = calibration_error_interval(counts)
    assert (found.low == 0).mean() > 0.93
    assert (found.value > 0).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


def test_limits_hold_the_error_of_a_score_that_breaks_its_word() -> None:
    truth = float(
        expected_calibration_error(binned(*simulated(1_000_000, seed=1, lift=1.5), bins=100))
    )
    found = calibration_error_interval(periods(1.5, 150, 1_000))
    assert (found.low > 0).all()
    assert 0.88 < ((found.low <= truth) & (truth <= found.high)).mean() < 0.99


def test_away_from_0_the_limits_are_those_of_the_bootstrap() -> None:
    counts = binned(*simulated(3_000, seed=2, lift=2.0), bins=200)
    found = calibration_error_interval(counts, draws=100, seed=3, confidence=0.9)
    second = bootstrap(expected_calibration_error, counts, draws=100, seed=3, confidence=0.9)
    assert (found.value, found.low, found.high) == (second.value, second.low, second.high)
    assert found.n == 3_000


def test_by_hand_a_single_bin() -> None:
    # 100 rows of score .5: by chance the rate is off by up to .1 in 95 of 100 cases, so 58
    # positives are in keeping with the score and 70 are not.
    for positives, lowest in ((58, 0.0), (70, 0.1)):
        labels = np.repeat([1, 0], [positives, 100 - positives])
        found = calibration_error_interval(score_counts(np.full(100, 0.5), labels))
        assert found.value == pytest.approx(abs(positives - 50) / 100)
        assert found.low == pytest.approx(lowest, abs=0.03)
        assert (found.low == 0) == (lowest == 0)


def test_no_rows_have_no_limits() -> None:
    found = calibration_error_interval(score_counts([], []))
    assert np.isnan([found.value, found.low, found.high]).all()


def test_a_bootstrap_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="two draws"):
        calibration_error_interval(score_counts([0.5], [1]), draws=0)
