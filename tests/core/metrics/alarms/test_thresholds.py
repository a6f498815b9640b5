"""Constant, mean ± k sd, and the family's: by hand, and against the laws they claim."""

import numpy as np
import pytest
from scipy.stats import t

from core.errors import InvalidInput, NotComputable
from core.metrics.alarms import (
    Member,
    ThresholdKind,
    chunk_figures,
    constant_limits,
    counts_of_feature,
    deviation_limits,
    draw_family,
    family_limits,
    measure,
)
from core.metrics.binning import BinnedCounts
from tests.core.metrics.alarms.days import LETTERS, letters, month, scores


def test_a_constant_is_what_was_given() -> None:
    limits = constant_limits(lower=0.1, upper=0.3)
    assert [limits.crossed(value) for value in (0.05, 0.1, 0.3, 0.31)] == [True, False, False, True]
    assert not limits.crossed(float("nan"))
    assert limits.expected_rate is None


@pytest.mark.parametrize("ends", [{}, {"lower": 1.0, "upper": 1.0}])
def test_a_constant_needs_numbers_in_order(ends: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        constant_limits(**ends)


def test_deviations_by_hand() -> None:
    # Mean 2, standard deviation 1 with C - 1 = 2 in the denominator.
    one = deviation_limits([1.0, 2.0, 3.0, np.nan], deviations=2)
    assert one.lower is None
    assert one.upper == pytest.approx(4.0)
    both = deviation_limits([1.0, 2.0, 3.0], deviations=2, two_sided=True)
    assert both.lower == pytest.approx(0.0)
    assert both.upper == pytest.approx(4.0)
    tail = t.sf(2 / (4 / 3) ** 0.5, 2)
    assert one.expected_rate == pytest.approx(tail)
    assert both.expected_rate == pytest.approx(2 * tail)


def test_the_expected_rate_of_deviations_is_what_happens() -> None:
    # Ten chunks and three deviations: about 1 % of normal figures, not 0.13 %.
    random = np.random.default_rng(1)
    known, new = random.normal(size=(20_000, 10)), random.normal(size=20_000)
    limits = deviation_limits(known[0])
    happened = np.mean(new > known.mean(axis=1) + 3 * known.std(axis=1, ddof=1))
    assert limits.expected_rate == pytest.approx(0.0094, abs=0.0005)
    assert happened == pytest.approx(limits.expected_rate, abs=0.002)


def test_two_chunks_have_no_deviation() -> None:
    with pytest.raises(NotComputable):
        deviation_limits([1.0, 2.0, np.nan])


def test_chunks_are_compared_with_the_rest() -> None:
    series = letters("x", 1, days=11)
    found = chunk_figures(series, "total_variation", 5)
    first, rest = (
        counts_of_feature(BinnedCounts(series.counts.n[part].sum(axis=0)))
        for part in (slice(0, 5), slice(5, 11))
    )
    effect = measure("total_variation", "categorical").effect
    assert found[0] == pytest.approx(float(effect(LETTERS, rest, first)))
    assert found.shape == (2,)


def test_the_family_gives_the_larger_of_chance_and_minimum() -> None:
    members = [Member("x", "chi2"), Member("s", "roc_auc")]
    reference = {"x": letters("x", 1), "s": scores("s", 2)}
    checks = [month(10, 400, "x", "s")]
    family = draw_family(reference, members, checks, draws=99, rate=0.05)
    distance = family_limits(family, members[0], "month", minimum_effect=0.0)
    assert (distance.lower, distance.upper) == (None, family.threshold(members[0], "month"))
    assert family_limits(family, members[0], "month", minimum_effect=0.9).upper == 0.9
    difference = family_limits(family, members[1], "month")
    assert difference.lower == -(difference.upper or 0)
    assert difference.kind is ThresholdKind.bootstrap
    assert 0 <= (distance.expected_rate or 0) <= 0.05


def test_without_rows_there_are_no_limits() -> None:
    members = [Member("x", "chi2"), Member("s", "roc_auc")]
    reference = {"x": letters("x", 1), "s": scores("s", 2)}
    family = draw_family(reference, members, [month(10, 400, "x")], draws=99, rate=0.05)
    limits = family_limits(family, members[1], "month")
    assert (limits.lower, limits.upper, limits.crossed(0.9)) == (None, None, False)
