"""Limits of the pair that lies furthest apart: SciPy's range, and how often equal groups differ."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy.stats import norm, studentized_range

from core.errors import InvalidInput
from core.metrics.fairness import (
    GroupCounts,
    calibration_gaps,
    largest_spread,
    mean_scores,
    pairwise_confidence,
    selection_rates,
)
from core.metrics.intervals import Interval
from tests.core.metrics.fairness.test_rates import decided


@pytest.mark.parametrize("groups", [3, 5, 10, 50])
@pytest.mark.parametrize("together", [0.9, 0.95, 0.975])
def test_the_level_is_that_of_scipys_studentized_range(groups: int, together: float) -> None:
    expected = 2 * norm.cdf(studentized_range.ppf(together, groups, np.inf) / math.sqrt(2)) - 1
    assert pairwise_confidence(groups, together=together) == pytest.approx(expected, abs=1e-9)


def test_one_pair_needs_no_adjustment_and_more_groups_more() -> None:
    assert pairwise_confidence(2) == pairwise_confidence(1) == 0.95
    levels = [pairwise_confidence(groups) for groups in range(2, 51)]
    assert levels == sorted(levels)
    with pytest.raises(InvalidInput):
        pairwise_confidence(3, together=1)


SIZES = {
    "2 of 100": [100] * 2,
    "5 of 100": [100] * 5,
    "10 of 60": [60] * 10,
    "20 of 100": [100] * 20,
    "8 from 30 to 1,500": [30, 45, 70, 120, 200, 400, 800, 1500],
}


def told_apart(sizes: list[int], rate: float, tables: int) -> int:
    """Return in how many tables of equal groups the interval of the lowest ratio leaves out 1."""
    draw = np.random.default_rng(7)
    wrong = 0
    for _ in range(tables):
        hits = draw.binomial(sizes, rate)
        found = selection_rates(decided([float(n) for n in sizes], [float(x) for x in hits]))
        worst = found.worst
        wrong += not found.ratio.low[worst] <= 1 <= found.ratio.high[worst]
    return wrong


@pytest.mark.parametrize("case", ["5 of 100", "20 of 100"])
def test_equal_groups_are_rarely_told_apart(case: str) -> None:
    # 5 of 100 are stated; of 300 tables more than 27 come once in a thousand times by chance.
    assert told_apart(SIZES[case], 0.7, 300) <= 27


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.5, 0.7, 0.95])
@pytest.mark.parametrize("case", SIZES)
def test_equal_groups_are_rarely_told_apart_in_many_tables(case: str, rate: float) -> None:
    assert told_apart(SIZES[case], rate, 1000) <= 72  # more come once in a thousand times by chance


def test_groups_that_differ_are_told_apart() -> None:
    draw, tables = np.random.default_rng(8), 100
    rates = [0.9, 0.9, 0.9, 0.9, 0.6]
    found = 0
    for _ in range(tables):
        table = selection_rates(decided([150.0] * 5, list(draw.binomial(150, rates))))
        found += table.ratio.high[table.worst] < 1
    assert found >= 98


def test_the_limits_hold_the_true_ratio_of_the_pair_that_was_picked() -> None:
    draw, tables, missed = np.random.default_rng(9), 300, 0
    rates = np.asarray([0.8, 0.78, 0.8, 0.74, 0.76, 0.8])
    for _ in range(tables):
        table = selection_rates(decided([200.0] * 6, list(draw.binomial(200, rates))))
        true = rates[table.worst] / rates[table.best]
        missed += not table.ratio.low[table.worst] <= true <= table.ratio.high[table.worst]
    assert missed <= 27


def score_groups(draw: np.random.Generator, groups: int, rows: int) -> GroupCounts:
    score = draw.beta(2, 5, (groups, rows))
    came = draw.random((groups, rows)) < score
    counts = decided([float(rows)] * groups, [0.0] * groups)
    parts = {name: getattr(counts, name) for name in GroupCounts.__slots__ if name != "groups"}
    parts |= {
        "scored": np.full(groups, float(rows)),
        "score": score.sum(axis=1),
        "score_squares": (score**2).sum(axis=1),
        "scored_labelled": np.full(groups, float(rows)),
        "scored_positives": came.sum(axis=1).astype(float),
        "score_of_labelled": score.sum(axis=1),
    }
    return GroupCounts.of(counts.groups, **parts)


def at_level(figure: Callable[..., Interval], counts: GroupCounts, level: float) -> Interval:
    return figure(counts, confidence=level)


@pytest.mark.parametrize("figure", [mean_scores, calibration_gaps])
def test_equal_groups_rarely_differ_in_scores_and_calibration(
    figure: Callable[..., Interval],
) -> None:
    draw, tables, wrong = np.random.default_rng(10), 300, 0
    for _ in range(tables):
        counts = score_groups(draw, 8, 80)
        wrong += largest_spread(partial(at_level, figure, counts)).low > 0
    assert wrong <= 27  # 5 of 100 of 300; more come once in a thousand times


def test_the_spread_of_two_groups_by_hand() -> None:
    values, low, high = (0.5, 0.2, np.nan), (0.4, 0.1, np.nan), (0.7, 0.4, np.nan)
    parts = [np.asarray(part, dtype=float) for part in (values, low, high, (10, 20, 0))]
    found = largest_spread(lambda _: Interval(*parts))
    assert found.value == pytest.approx(0.3)
    assert (found.top, found.bottom, found.n) == (0, 1, 30)
    # √(0.1² + 0.2²) below; √(0.2² + 0.1²) above.
    assert found.low == pytest.approx(0.3 - math.sqrt(0.05))
    assert found.high == pytest.approx(0.3 + math.sqrt(0.05))


def test_one_group_lies_apart_from_nothing() -> None:
    lonely = Interval(*(np.asarray([part]) for part in (0.4, 0.3, 0.5, 9.0)))
    found = largest_spread(lambda _: lonely)
    assert math.isnan(found.value)
    assert (found.top, found.bottom, found.n) == (-1, -1, 0)
