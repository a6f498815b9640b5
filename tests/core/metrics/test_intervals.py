"""Wilson's interval against scipy."""

import numpy as np
import pytest
from scipy.stats import binomtest

from core.errors import InvalidInput
from core.metrics.intervals import hanley_mcneil, normal_quantile, wilson


@pytest.mark.parametrize(("successes", "rows"), [(0, 10), (3, 10), (10, 10), (1, 1), (37, 4_000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_agrees_with_scipy(successes: int, rows: int, confidence: float) -> None:
    expected = binomtest(successes, rows).proportion_ci(confidence, method="wilson")
    found = wilson(successes, rows, confidence=confidence)
    assert found.value == pytest.approx(successes / rows)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


def test_many_at_once_and_nothing_to_estimate_from() -> None:
    found = wilson([0, 5, 0], [0, 10, 4])
    assert np.isnan(found.value).tolist() == [True, False, False]
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert found.low[2] == 0.0
    assert found.n.tolist() == [0, 10, 4]


def test_impossible_input_is_refused() -> None:
    for successes, rows in ((3, 2), (-1, 2), (np.nan, 2)):
        with pytest.raises(InvalidInput, match="successes"):
            wilson(successes, rows)
    for confidence in (0.0, 1.0, 95.0):
        with pytest.raises(InvalidInput, match="confidence"):
            normal_quantile(confidence)


def test_normal_quantile() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)  # any table of the normal


def test_hanley_mcneil_by_hand() -> None:
    # The limits L solve (A - L)² = z² V(L), with one row of either class V = L (1 - L): Wilson's
    # equation for one row, so 0.5 lies between 0.5 ± 0.5 z / √(1 + z²) … of A = ½: ±0.4454.
    z = 1.959964
    found = hanley_mcneil(0.5, 1, 1)
    half = np.sqrt(0.25 * z**2 / (1 + z**2))
    assert [found.low, found.high] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-6)
    assert found.n == 2


@pytest.mark.parametrize(("m", "k"), [(3, 100), (40, 400)])
def test_hanley_mcneils_limits_lie_z_errors_away(m: int, k: int) -> None:
    found = hanley_mcneil([0.1, 0.5, 0.93], m, k)
    for value, *limits in zip(found.value, found.low, found.high, strict=True):
        for at in limits:
            first, second = at / (2 - at), 2 * at**2 / (1 + at)
            spread = at * (1 - at) + (m - 1) * (first - at**2) + (k - 1) * (second - at**2)
            assert abs(value - at) == pytest.approx(1.959964 * np.sqrt(spread / (m * k)), rel=1e-5)


def test_a_perfect_order_of_few_rows_is_not_certain() -> None:
    found = hanley_mcneil([1.0, 0.0], [3, 3], [100, 100])
    assert found.high[0] == pytest.approx(1, abs=1e-9)
    assert found.low[1] == pytest.approx(0, abs=1e-9)
    assert 0.5 < found.low[0] < 0.9
    assert 0.1 < found.high[1] < 0.5
    many = hanley_mcneil(1.0, 3_000, 100_000)
    assert 0.998 < many.low < 1


def test_hanley_mcneil_holds_the_truth_with_three_positives() -> None:
    # Normal scores 2.3 apart: an area of Φ(2.3 / √2) = 0.948; 1,000 samples of 3 and 100.
    random, truth = np.random.default_rng(3), 0.94805
    ours = random.normal(2.3, 1, (1_000, 3, 1)) > random.normal(0, 1, (1_000, 1, 100))
    found = hanley_mcneil(ours.mean(axis=(1, 2)), 3, 100)
    assert ((found.low <= truth) & (truth <= found.high)).mean() > 0.94
    assert (found.high - found.low).min() > 0.05


def test_hanley_mcneil_needs_both_classes() -> None:
    found = hanley_mcneil([0.7, np.nan], [0, 5], [9, 5])
    assert np.isnan([found.value, found.low, found.high]).all()
