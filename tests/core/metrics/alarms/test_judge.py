"""Significant and large enough, or why not."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.alarms import (
    OUTCOMES,
    Counts,
    FamilyNull,
    Member,
    Outcome,
    check_of,
    draw_family,
    judge,
)
from core.metrics.alarms.judge import _distance
from tests.core.metrics.alarms.days import letters, scores

REFERENCE = {"x": letters("x", 1), "s": scores("s", 2)}
MEMBERS = [Member("x", "chi2"), Member("x", "unseen_share"), Member("s", "positive_rate")]
SCORES = REFERENCE["s"].counts.merged()


def _current(n: list[float]) -> dict[str, Counts]:
    part = Counts(np.array(n), np.zeros((0, 8)))
    few = Counts(np.rint(SCORES.n / 6), SCORES.sums / 6)
    return {"x": part, "s": few}


SAME = _current([0, 0, 250, 250, 250, 250, 0, 0])


def _family() -> FamilyNull:
    check = check_of("month", 0, 20, SAME)
    return draw_family(REFERENCE, MEMBERS, [check], draws=199, rate=0.05)


FAMILY = _family()


def test_no_change_is_no_alarm() -> None:
    verdicts = judge(FAMILY, REFERENCE, {"month": SAME})
    assert {verdict.outcome for verdict in verdicts} == {Outcome.chance}
    assert len(verdicts) == 3


def test_a_large_change_is_an_alarm_and_comes_first() -> None:
    moved = _current([0, 0, 400, 250, 250, 100, 0, 0])
    first, *others = judge(FAMILY, REFERENCE, {"month": moved})
    assert first.member == MEMBERS[0]
    assert first.alarm
    assert first.statistic > first.threshold
    assert first.p_value == pytest.approx(1 / 200)
    assert first.n_cur == 1_000
    assert not any(other.alarm for other in others)


def test_a_new_category_is_an_alarm_of_its_own() -> None:
    verdicts = judge(FAMILY, REFERENCE, {"month": _current([0, 0, 245, 245, 240, 240, 0, 30])})
    unseen = next(verdict for verdict in verdicts if verdict.member == MEMBERS[1])
    assert unseen.alarm
    assert unseen.effect == pytest.approx(0.03)


def test_one_row_of_a_new_category_is_none() -> None:
    # Tools that expect 0 of what the reference lacks call one row in a thousand impossible.
    verdicts = judge(FAMILY, REFERENCE, {"month": _current([0, 0, 250, 250, 250, 249, 0, 1])})
    assert not any(verdict.alarm for verdict in verdicts)


def test_a_significant_change_can_be_too_small() -> None:
    moved = {"month": _current([0, 0, 400, 250, 250, 100, 0, 0])}
    family = draw_family(
        REFERENCE, MEMBERS, FAMILY.checks, draws=99, rate=0.05, minimum_effects={"x/chi2": 0.5}
    )
    first = judge(family, REFERENCE, moved)
    assert Outcome.small in {verdict.outcome for verdict in first}
    assert not any(verdict.alarm for verdict in first)


def test_a_fall_has_its_sign() -> None:
    moved = SAME | {"s": Counts(np.roll(SAME["s"].n, 5), np.roll(SAME["s"].sums, 5, axis=-1))}
    verdicts = judge(FAMILY, REFERENCE, {"month": moved})
    rate = next(verdict for verdict in verdicts if verdict.member == MEMBERS[2])
    assert rate.effect == pytest.approx(-rate.statistic) or rate.effect > 0
    assert abs(rate.effect) == rate.statistic


def test_checks_to_come_and_missing_series_are_left_out() -> None:
    assert judge(FAMILY, REFERENCE, {}) == ()
    assert len(judge(FAMILY, REFERENCE, {"month": {"s": SAME["s"]}})) == 1


def test_other_rows_than_drawn_for_are_refused() -> None:
    with pytest.raises(InvalidInput):
        judge(FAMILY, REFERENCE, {"month": _current([0, 0, 1, 2, 3, 4, 0, 0])})
    with pytest.raises(InvalidInput):
        judge(FAMILY, REFERENCE, {"week": SAME})


def test_a_figure_without_a_class_cannot_be_computed() -> None:
    members = [Member("s", "roc_auc"), Member("s", "positive_rate")]
    family = draw_family(REFERENCE, members, [check_of("month", 0, 20, SAME)], draws=99, rate=0.05)
    n = np.concatenate([np.zeros(5), SAME["s"].n[:5] + SAME["s"].n[5:]])
    side = Counts(n, np.stack([n * 0.5, n * 0.25]))
    verdicts = judge(family, REFERENCE, {"month": {"s": side}})
    assert verdicts[0].alarm
    assert verdicts[-1].outcome is Outcome.not_computable
    assert np.isnan(verdicts[-1].p_value)


def test_every_outcome_has_words() -> None:
    assert set(OUTCOMES) == set(Outcome)


def test_of_changes_as_unlikely_the_one_further_beyond_its_threshold_comes_first() -> None:
    (verdict, *_) = judge(FAMILY, REFERENCE, {"month": SAME})
    far, near, none = (
        replace(verdict, statistic=statistic, threshold=threshold)
        for statistic, threshold in ((9.0, 3.0), (8.0, 4.0), (7.0, 0.0))
    )
    assert sorted((none, near, far), key=_distance) == [far, near, none]
