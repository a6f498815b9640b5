from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from core.metrics.oversight import cohen_kappa

# Both uphold 20, both overturn 15, ten times the second alone overturns, five times the first.
PAIRS = (
    [("uphold", "uphold")] * 20
    + [("uphold", "overturn")] * 10
    + [("overturn", "uphold")] * 5
    + [("overturn", "overturn")] * 15
)


def test_by_hand() -> None:
    found = cohen_kappa(PAIRS)
    # observed 35/50; by chance 0.6 · 0.5 + 0.4 · 0.5 = 0.5
    assert (found.n, found.same) == (50, 35)
    assert found.expected == pytest.approx(0.5)
    assert found.value == pytest.approx(0.4)


def test_the_interval_is_that_of_statsmodels() -> None:
    found, other = cohen_kappa(PAIRS), cohens_kappa([[20, 10], [5, 15]])
    assert (found.low, found.high) == pytest.approx((other.kappa_low, other.kappa_upp))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=2, max_size=60))
def test_it_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    found = cohen_kappa(pairs)
    if len({word for pair in pairs for word in pair}) < 2:
        assert isnan(found.value)
        return
    first, second = zip(*pairs, strict=True)
    assert found.value == pytest.approx(cohen_kappa_score(first, second))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_nothing_is_told_of_no_pair() -> None:
    found = cohen_kappa([])
    assert (found.n, found.same) == (0, 0)
    assert isnan(found.value)


def test_perfect_agreement_is_not_beyond_doubt() -> None:
    found = cohen_kappa([("uphold", "uphold")] * 50 + [("overturn", "overturn")] * 50)
    low, _ = proportion_confint(100, 100, method="wilson")
    assert found.value == found.high == 1
    assert found.low == pytest.approx((low - 0.5) / 0.5)  # 0.926: by chance half would agree
    # Of 100 pairs with one that is not like the others chance alone would make 98 agree.
    rare = cohen_kappa([("uphold", "uphold")] * 99 + [("overturn", "overturn")])
    assert rare.value == 1
    assert rare.low == pytest.approx((low - 0.9802) / 0.0198)


@pytest.mark.parametrize(
    ("pairs", "limits"),
    [
        ([("uphold", "overturn")], (0, 0.7935)),  # Wilson of 0 of 1
        ([("uphold", "overturn"), ("overturn", "uphold")], (-1, 0.3152)),  # 0 of 2, half by chance
    ],
)
def test_one_or_two_pairs_say_little(
    pairs: list[tuple[str, str]], limits: tuple[float, float]
) -> None:
    found = cohen_kappa(pairs)
    assert (found.low, found.high) == pytest.approx(limits, abs=1e-4)
