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
    # A = 1/2 with 4 and 4: Q1 = 1/3, Q2 = 1/3, variance (1/4 + 3/12 + 3/12)/16 = 3/64.
    found = hanley_mcneil(0.5, 4, 4)
    assert found.high - found.value == pytest.approx(1.959964 * np.sqrt(3 / 64), rel=1e-6)
    assert found.n == 8
    assert hanley_mcneil(0.99, 2, 3).high == 1.0


def test_hanley_mcneil_needs_both_classes() -> None:
    found = hanley_mcneil([0.7, np.nan], [0, 5], [9, 5])
    assert np.isnan([found.value, found.low, found.high]).all()
