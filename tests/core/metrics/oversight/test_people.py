from datetime import UTC, datetime, timedelta
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.oversight import (
    cells_shown,
    fast_tail,
    positions,
    reliance,
    shown_persons,
    streak_group,
    team_is_shown,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_reliance_by_hand() -> None:
    rows = [
        (False, True, True), (False, True, True), (False, True, False),  # wrong view, right model
        (True, False, True), (True, False, False),  # right view, wrong model
        (True, True, True), (False, False, False),  # says nothing of either
    ]  # fmt: skip
    found = reliance(rows)
    assert (found.on_model.hits, found.on_model.n) == (2, 3)
    assert (found.on_self.hits, found.on_self.n) == (1, 2)


def test_less_than_a_second_is_measured_and_none_is_not() -> None:
    found = fast_tail([0.0, 0.5, 0.5, 0.5])
    assert found.fast.n == 3
    assert found.median == 0.5


def test_a_fast_tail_by_hand() -> None:
    # Powers of two: the middle is 2^6, half the distances are at most 1, so the limit lies
    # 2 · 1.4826 powers below: 2^(6 - 2.9652) = 8.196 seconds.
    found = fast_tail([4, 32, 32, 64, 64, 64, 64, 128, 128, 0])
    assert found.fast.n == 9
    assert found.median == 64
    found = fast_tail([2.0**power for power in (2, 4, 5, 5, 6, 7, 7, 8, 8)])
    assert found.median == 64
    assert found.limit == pytest.approx(2 ** (6 - 2 * 1.4826))
    assert (found.fast.hits, found.fast.n) == (1, 9)


def test_of_usual_times_as_many_are_fast_as_expected() -> None:
    draw = np.random.default_rng(5)
    slow, quick = (np.exp(draw.normal(middle, 0.6, 40_000)) for middle in (5.0, 2.0))
    expected = 0.0228  # of a normal distribution, two standard deviations below its middle
    for seconds in (slow, quick):  # however quick a person is
        assert fast_tail(seconds.tolist()).fast.value == pytest.approx(expected, abs=0.004)
    clicked = np.concatenate([slow[:900], np.full(100, 3.0)])
    assert fast_tail(clicked.tolist()).fast.value > 0.1


def test_equal_times_are_not_fast() -> None:
    assert fast_tail([30.0] * 12).fast.hits == 0
    assert isnan(fast_tail([0, 0]).median)


def test_places_in_a_row() -> None:
    minutes = [0, 5, 25, 46, 46, 200]  # 20 minutes go on, 21 begin anew
    instants = [START + timedelta(minutes=each) for each in minutes]
    assert positions(instants) == [1, 2, 3, 1, 2, 1]
    assert [streak_group(each) for each in (1, 10, 11, 20, 21, 40, 41, 99)] == [
        0, 0, 1, 1, 2, 2, 3, 3,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="order"):
        positions(instants[::-1])


def test_who_is_shown() -> None:
    assert shown_persons({"a": 100, "b": 99, "c": 40}) == {"a"}
    assert shown_persons({"a": 150, "b": 120}) == {"a", "b"}
    # The team's figure less a's and b's would be c's: the smaller of the two is kept back.
    assert shown_persons({"a": 150, "b": 120, "c": 40}) == {"a"}
    assert shown_persons({"a": 150, "c": 40}) == frozenset()


def test_a_team_is_shown_if_nobody_can_take_their_own_out_of_it() -> None:
    assert team_is_shown({"a": 300, "b": 60, "c": 40})  # without a's 300 there are 100
    assert not team_is_shown({"a": 300, "b": 59, "c": 40})
    assert not team_is_shown({"a": 300, "b": 1})  # less a's own it is b's one verdict
    assert not team_is_shown({"a": 300, "b": 300, "c": 0})  # each of two knows the other
    assert not team_is_shown({"a": 1000})
    assert not team_is_shown({})


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 300)))
def test_nobody_below_the_minimum_can_be_told(counts: dict[str, int]) -> None:
    shown = shown_persons(counts)
    assert all(counts[each] >= 100 for each in shown)
    rest = sum(n for person, n in counts.items() if person not in shown)
    assert not shown or rest == 0 or rest >= 100


def test_parts_are_shown_unless_one_of_them_tells_of_a_person() -> None:
    large, few = {"a": 100, "b": 100, "c": 40}, {"c": 4}
    assert cells_shown([large, large]) == (True, True)
    assert cells_shown([large, {}]) == (True, False)  # there is nothing to tell of none
    assert cells_shown([large, few]) == (False, False)  # all less the first is c's four
    # With three parts the smaller of the two others hides what c's four would follow from.
    assert cells_shown([{**large, "a": 300}, large, few]) == (True, False, False)
    # Two that are kept back hold the rule together: that they are known together tells of nobody.
    halves = [{"a": 50, "b": 50, "c": 20}] * 2
    assert cells_shown([large, *halves]) == (True, False, False)


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 300)), min_size=1, max_size=5)
)
def test_what_is_kept_back_cannot_be_told_from_the_rest(cells: list[dict[str, int]]) -> None:
    shown = cells_shown(cells)
    assert all(team_is_shown(cell) for cell, kept in zip(cells, shown, strict=True) if kept)
    rest: dict[str, int] = {}
    for cell, kept in zip(cells, shown, strict=True):
        for person, n in cell.items():
            rest[person] = rest.get(person, 0) + (0 if kept else n)
    assert not any(shown) or not sum(rest.values()) or team_is_shown(rest)
