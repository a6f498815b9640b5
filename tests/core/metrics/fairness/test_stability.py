"""Whether a ratio changed over time: Cochran's Q by hand, and how often it errs."""

import numpy as np
import pytest
from scipy.stats import chi2

from core.metrics.fairness import ratio_stability


def test_the_statistic_is_cochrans() -> None:
    # Two periods: ratios 0.8 and 0.5 of (40/100 and 25/100 against 50/100 twice).
    found = ratio_stability([40, 25], [100, 100], [50, 50], [100, 100])
    first = 1 / 40 - 1 / 100 + 1 / 50 - 1 / 100
    second = 1 / 25 - 1 / 100 + 1 / 50 - 1 / 100
    # With two studies Q is the squared difference over the sum of the variances.
    statistic = np.log(0.8 / 0.5) ** 2 / (first + second)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(chi2.sf(statistic, 1))
    # and the variance between them (Q - 1)(v1 + v2) / 2.
    assert found.spread == pytest.approx(np.sqrt((statistic - 1) * (first + second) / 2))
    assert found.periods == 2


def test_an_equal_ratio_has_not_moved() -> None:
    found = ratio_stability([40, 80], [100, 200], [50, 100], [100, 200])
    assert found.statistic == pytest.approx(0)
    assert found.p_value == pytest.approx(1)
    assert found.spread == 0
    assert not found.moved()


@pytest.mark.parametrize(
    "counts",
    [
        ([40], [100], [50], [100]),
        ([0, 0], [100, 100], [50, 50], [100, 100]),
        ([40, 0], [100, 0], [50, 50], [100, 100]),
        ([], [], [], []),
    ],
)
def test_fewer_than_two_periods_tell_nothing(counts: tuple[list[float], ...]) -> None:
    found = ratio_stability(*counts)
    assert np.isnan(found.statistic)
    assert not found.moved()


def test_a_large_log_with_a_tiny_change_has_not_moved() -> None:
    million = 1_000_000
    found = ratio_stability([400_000, 404_000], [million] * 2, [500_000] * 2, [million] * 2)
    assert found.p_value < 1e-4
    assert not found.moved()  # one per cent of the ratio matters to nobody


def test_alarms_are_rare_when_nothing_changed_and_frequent_when_something_did() -> None:
    draw = np.random.default_rng(11)
    periods, rows = 12, 600

    def share_of_alarms(after: float) -> float:
        rates = np.where(np.arange(periods) < periods // 2, 0.5, after)
        alarms = 0
        for _ in range(400):
            low, top = draw.binomial(rows, rates), draw.binomial(rows, 0.6, periods)
            alarms += ratio_stability(low, [rows] * periods, top, [rows] * periods).moved()
        return alarms / 400

    assert share_of_alarms(0.5) <= 0.02  # level 0.01; 400 draws of it are at most 0.02
    assert share_of_alarms(0.4) > 0.9
