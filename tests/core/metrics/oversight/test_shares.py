from math import isnan

import pytest
from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
    proportion_confint,
)

from core.metrics.oversight import difference, share


def test_a_share_has_wilsons_limits() -> None:
    found = share(18, 120)
    low, high = proportion_confint(18, 120, method="wilson")  # statsmodels
    assert (found.hits, found.n, found.value) == (18, 120, 0.15)
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)
    assert isnan(share(0, 0).value)


@pytest.mark.parametrize(
    ("first", "second"), [((90, 100), (70, 100)), ((3, 7), (9, 11)), ((56, 70), (48, 80))]
)
def test_a_difference_has_newcombes_limits(first: tuple[int, int], second: tuple[int, int]) -> None:
    found = difference(share(*first), share(*second))
    low, high = confint_proportions_2indep(*first, *second, method="newcomb")  # statsmodels
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_the_published_example() -> None:
    # Newcombe (1998), table II (a), method 10: 56/70 and 48/80 differ by 0.2, 0.0524 to 0.3339.
    found = difference(share(56, 70), share(48, 80))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.is_beyond_chance


def test_without_a_half_nothing_is_known() -> None:
    found = difference(share(5, 10), share(0, 0))
    assert isnan(found.value)
    assert not found.is_beyond_chance
