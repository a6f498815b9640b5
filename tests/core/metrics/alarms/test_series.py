"""Daily counts: what they keep, and the bins that a reference leaves empty."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.alarms import Counts, Series, counts_of_feature, counts_of_score, feature_series
from core.metrics.alarms.series import Tail, daily_figures, empty_tails
from core.metrics.binning import BinnedCounts, CategoricalBins, NumericBins
from tests.core.metrics.alarms.days import LETTERS, letters, numbers, score_days, scores


def test_a_number_keeps_its_sums_and_a_category_has_none() -> None:
    n = np.array([0.0, 0, 1, 2, 0])
    assert counts_of_feature(BinnedCounts(n, n * 3)).sums.tolist() == [[0, 0, 3, 6, 0]]
    assert counts_of_feature(BinnedCounts(n)).sums.shape == (0, 5)


def test_a_score_is_its_positives_and_then_its_negatives() -> None:
    days = score_days(np.random.default_rng(1), 2, 30)
    found = counts_of_score(days)
    assert found.n.shape == (2, 10)
    assert np.array_equal(found.n[:, :5], days.positives)
    assert np.array_equal(found.sums[1][:, 5:], days.square_of_negatives)
    assert found.rows.tolist() == [30, 30]


def test_the_digest_changes_with_any_count() -> None:
    before = letters("x", 1)
    n = before.counts.n.copy()
    n[3, 4] += 1
    after = Series("x", LETTERS, Counts(n, before.counts.sums))
    assert before.digest == letters("x", 1).digest
    assert before.digest != after.digest
    assert before.digest != letters("y", 1).digest


def test_counts_of_other_bins_are_refused() -> None:
    with pytest.raises(InvalidInput):
        feature_series("x", LETTERS, BinnedCounts(np.ones((3, 5))))
    with pytest.raises(InvalidInput):
        Series("x", LETTERS, Counts(np.ones((3, 8)), np.ones((1, 2, 8))))


def test_the_empty_tails_of_numbers_lie_beyond_all_and_at_the_missing() -> None:
    bins = NumericBins((0.0, 1.0, 2.0), (), ())
    n = np.array([[0.0, 0, 0, 5, 5, 0]])
    series = Series("x", bins, Counts(n, n[None]))
    assert empty_tails(series) == (Tail(1, 0.5), Tail(2, 1.0, 0.0), Tail(5, 1.0, 2.0))


def test_a_category_seen_once_makes_a_new_one_likelier() -> None:
    bins = CategoricalBins(("a", "b", "c"))
    n = np.array([[0.0, 2, 50, 1, 1, 0, 0]])
    (unseen,) = empty_tails(Series("x", bins, Counts(n, np.zeros((0, 1, 7)))))
    assert unseen == Tail(6, 2.5)


def test_a_score_has_no_tails() -> None:
    assert empty_tails(scores("s", 1)) == ()


def test_the_daily_figures_of_each_kind() -> None:
    assert daily_figures(numbers("x", 1, days=10)).shape == (1, 10)
    assert daily_figures(letters("x", 1, days=10)).shape == (3, 10)
    assert daily_figures(scores("s", 1, days=10)).shape == (2, 10)


def test_a_mean_rank_by_hand() -> None:
    # Two values with five rows each have the ranks 1/4 and 3/4; the third day has no rows.
    bins = NumericBins((0.0, 1.0, 2.0), (), ())
    n = np.array([[0.0, 0, 0, 4, 1, 0], [0.0, 0, 0, 1, 4, 0], np.zeros(6)])
    (figure,) = daily_figures(Series("x", bins, Counts(n, n[None])))
    assert figure[:2].tolist() == pytest.approx([0.35, 0.65])
    assert np.isnan(figure[2])
