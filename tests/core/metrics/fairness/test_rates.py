"""Fairness figures against fairlearn, scikit-learn, pandas and hand calculation."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_ratio,
    equal_opportunity_difference,
    equalized_odds_difference,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score

from core.metrics.fairness import (
    FOUR_FIFTHS,
    GroupCounts,
    calibration_gaps,
    equalised_odds_difference,
    false_positive_rates,
    mean_scores,
    precisions,
    selection_rates,
    true_positive_rates,
)
from tests.conformance.peers import peer
from tests.core.metrics.fairness.people import counts_of, some_people

PROPORTION = peer("statsmodels.stats.proportion")
ZEROS = (
    "matured",
    "scored",
    "score",
    "score_squares",
    "true_positives",
    "false_positives",
    "false_negatives",
    "true_negatives",
    "scored_labelled",
    "scored_positives",
    "score_of_labelled",
)


def decided(n: list[float], favourable: list[float]) -> GroupCounts:
    """Return counts of which only decisions are known."""
    rest = {name: np.zeros(len(n)) for name in ZEROS}
    names = [f"g{place}" for place in range(len(n))]
    return GroupCounts.of(names, n=n, favourable=favourable, **rest)


def by_group(metric: object, truth: pd.Series, said: pd.Series, group: pd.Series) -> np.ndarray:
    frame = MetricFrame(metrics=metric, y_true=truth, y_pred=said, sensitive_features=group)
    return np.asarray(frame.by_group.sort_index(), dtype=float)


@pytest.mark.parametrize("seed", range(4))
def test_rates_equal_fairlearn(seed: int) -> None:
    people = some_people(seed)
    counts, group = counts_of(people), people["group"]
    truth, said, hoped = people["happened"], people["flagged"], people["favourable"]
    selected = selection_rates(counts)
    assert selected.rate.value == pytest.approx(by_group(selection_rate, hoped, hoped, group))
    assert selected.smallest_ratio == pytest.approx(
        demographic_parity_ratio(hoped, hoped, sensitive_features=group)
    )
    found = true_positive_rates(counts)
    assert found.rate.value == pytest.approx(by_group(true_positive_rate, truth, said, group))
    assert found.largest_difference == pytest.approx(
        equal_opportunity_difference(truth, said, sensitive_features=group)
    )
    assert false_positive_rates(counts).rate.value == pytest.approx(
        by_group(false_positive_rate, truth, said, group)
    )
    assert equalised_odds_difference(counts) == pytest.approx(
        equalized_odds_difference(truth, said, sensitive_features=group)
    )
    assert precisions(counts).rate.value == pytest.approx(
        by_group(precision_score, truth, said, group)
    )


def test_turned_counts_are_those_of_the_good_outcome() -> None:
    people = some_people(9)
    counts = counts_of(people).turned()
    truth, said, group = ~people["happened"], ~people["flagged"], people["group"]
    for ours, theirs in (
        (true_positive_rates, true_positive_rate),
        (false_positive_rates, false_positive_rate),
        (precisions, precision_score),
    ):
        assert ours(counts).rate.value == pytest.approx(by_group(theirs, truth, said, group))
    assert equalised_odds_difference(counts) == pytest.approx(
        equalised_odds_difference(counts.turned())
    )


def test_scores_and_calibration_equal_pandas() -> None:
    people = some_people(5)
    counts = counts_of(people)
    grouped = people.groupby("group")
    scores = mean_scores(counts)
    assert scores.value == pytest.approx(grouped["score"].mean().to_numpy())
    spread, size = grouped["score"].std(ddof=0).to_numpy(), grouped.size().to_numpy()
    half = 1.959964 * spread / np.sqrt(size)
    assert scores.high - scores.value == pytest.approx(half, rel=1e-6)
    gaps = calibration_gaps(counts)
    expected = grouped["happened"].mean() - grouped["score"].mean()
    assert gaps.value == pytest.approx(expected.to_numpy())
    assert (gaps.low < gaps.value).all()
    assert (gaps.value < gaps.high).all()


def test_the_ratio_of_boston_has_the_score_interval_of_statsmodels() -> None:
    # loanapp: 1,527 of 1,681 white and 218 of 308 other applicants were approved.
    found = selection_rates(decided([1681, 308], [1527, 218]))
    assert found.ratio.value[1] == pytest.approx(0.7792, abs=5e-5)
    # confint_proportions_2indep(218, 308, 1527, 1681, "score", "ratio", correction=False)
    assert found.ratio.low[1] == pytest.approx(0.719766927, abs=1e-8)
    assert found.ratio.high[1] == pytest.approx(0.833626449, abs=1e-8)
    # The same with "diff" and "newcomb".
    low, high = PROPORTION.confint_proportions_2indep(
        218, 308, 1527, 1681, method="newcomb", compare="diff"
    )
    assert (found.difference.low[1], found.difference.high[1]) == pytest.approx((low, high))
    assert (found.best, found.worst) == (0, 1)
    assert (found.ratio.low[0], found.ratio.high[0]) == (1, 1)
    assert list(found.below_four_fifths) == [False, True]


def test_limits_are_wider_where_the_pair_was_picked_from_more_groups() -> None:
    two = selection_rates(decided([200, 200], [120, 100]))
    more = selection_rates(decided([200] * 5, [120, 100, 110, 110, 110]))
    assert more.ratio.value[1] == two.ratio.value[1]
    assert two.ratio.high[1] < 1 < more.ratio.high[1]
    assert two.difference.high[1] < 0 < more.difference.high[1]
    assert more.rate.low[1] == two.rate.low[1]  # of a rate alone nothing was picked


@pytest.mark.parametrize(
    ("hits", "rates"),
    [([30, 30], (1.0, 0.0)), ([0, 30], (0.0, -1.0)), ([30, 29], (29 / 30, -1 / 30))],
)
def test_shares_of_0_and_1_have_limits_of_some_width(
    hits: list[float], rates: tuple[float, float]
) -> None:
    found = selection_rates(decided([30, 30], hits))
    other = 1 - found.best
    for figure, value in zip((found.ratio, found.difference), rates, strict=True):
        low, high = float(figure.low[other]), float(figure.high[other])
        assert figure.value[other] == pytest.approx(value)
        assert low <= value < high < np.inf
        assert high - low > 0.05


def test_scores_that_are_all_the_same_have_a_mean_without_limits() -> None:
    people = some_people(2)
    people["score"] = np.where(people["group"] == "g1", 0.3, people["score"])
    found = mean_scores(counts_of(people))
    assert found.value[1] == pytest.approx(0.3)
    assert np.isnan([found.low[1], found.high[1]]).all()
    assert np.isfinite(np.delete(found.low, 1)).all()


def test_exactly_four_fifths_is_not_below() -> None:
    found = selection_rates(decided([100, 100], [50, 40]))
    assert found.smallest_ratio == pytest.approx(FOUR_FIFTHS)
    assert not found.below_four_fifths.any()
    assert selection_rates(decided([100, 100], [50, 39])).below_four_fifths.any()


def test_a_small_group_is_neither_shown_nor_the_best() -> None:
    found = selection_rates(decided([100, 20, 200], [50, 20, 90]), minimum=30)
    assert np.isnan(found.rate.value[1])
    assert np.isnan(found.ratio.value[1])
    assert found.best == 0
    assert found.smallest_ratio == pytest.approx(0.9)


def test_a_rate_of_too_few_rows_is_not_shown_though_its_group_is() -> None:
    people = some_people(1)
    counts = counts_of(people)
    few = GroupCounts.of(
        counts.groups,
        **{
            name: np.where(np.arange(4) == 2, 3.0, getattr(counts, name))
            if name in {"true_positives", "false_negatives"}
            else getattr(counts, name)
            for name in GroupCounts.__slots__
            if name != "groups"
        },
    )
    found = true_positive_rates(few, minimum=30)
    assert np.isnan(found.rate.value[2])
    assert np.isfinite(np.delete(found.rate.value, 2)).all()
    assert np.isfinite(selection_rates(few, minimum=30).rate.value).all()


@pytest.mark.parametrize(("n", "favourable"), [([50], [20]), ([10, 10], [5, 5]), ([0, 0], [0, 0])])
def test_without_two_groups_nothing_is_compared(n: list[float], favourable: list[float]) -> None:
    found = selection_rates(decided(n, favourable), minimum=30)
    assert np.isnan(found.smallest_ratio)
    assert np.isnan(found.largest_difference)
    assert found.worst == -1
    assert np.isnan(equalised_odds_difference(decided(n, favourable)))


def test_no_favourable_decision_at_all_has_no_ratio() -> None:
    found = selection_rates(decided([50, 60], [0, 0]))
    assert np.isnan(found.smallest_ratio)
    assert found.largest_difference == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.floats(0, 1)).map(lambda x: (x[0], round(x[0] * x[1]))),
        min_size=2,
        max_size=6,
    ),
    st.integers(1, 60),
)
def test_ratios_lie_between_0_and_1_and_intervals_around_them(
    groups: list[tuple[int, int]], minimum: int
) -> None:
    found = selection_rates(decided(*map(list, zip(*groups, strict=True))), minimum=minimum)
    shown = np.asarray([n >= minimum for n, _ in groups])
    assert np.isnan(found.rate.value[~shown]).all()
    ratio = found.ratio.value[np.isfinite(found.ratio.value)]
    assert ((ratio >= 0) & (ratio <= 1)).all()
    finite = np.isfinite(found.ratio.high)
    assert (found.ratio.low[finite] <= found.ratio.value[finite]).all()
    assert (found.ratio.value[finite] <= found.ratio.high[finite]).all()
    if shown.any():
        assert shown[found.best]
        assert found.difference.value[found.best] == 0
