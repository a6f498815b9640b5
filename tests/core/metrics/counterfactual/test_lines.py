"""The first value that does, however long the line."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.metrics.counterfactual.lines import AT_ONCE, Line, along
from core.metrics.counterfactual.trials import Trials
from tests.core.metrics.counterfactual.models import BELOW, by_row, number, spread

CASES = spread(x=[0.0, 1e9, -1e9, 5e8], y=[0.0, 1.0, 2.0, 3.0])
ROW: Mapping[str, Any] = {"x": -1.0, "y": 0.0}
LEVERS = (number("x", range(3)), number("y", range(3)))


def trials_of(low: set[int]) -> Trials:
    """A model that is low where x, and y where it is changed, are among some numbers."""
    score = by_row(lambda row: 0.0 if int(row["x"]) + 1000 * int(row["y"]) in low else 1.0)
    return Trials(score, ROW, LEVERS, CASES, BELOW)


def line(size: int) -> Line:
    return Line("x", np.arange(float(size)), {})


@pytest.mark.parametrize("first", [0, 1, 199, 200, 201, 39_999])
def test_the_edge_of_a_long_line_is_found_in_few_calls(first: int) -> None:
    calls = []
    score = by_row(lambda row: 0.0 if row["x"] >= first else 1.0)

    def counted(columns: Mapping[str, Any]) -> np.ndarray:
        calls.append(len(columns["x"]))
        return score(columns)

    trials = Trials(counted, ROW, LEVERS, CASES, BELOW)
    assert along([line(40_000)], trials)[0].place == first
    assert len(calls) <= 3
    assert max(calls) <= AT_ONCE


def test_lines_are_asked_about_together_and_each_has_its_answer() -> None:
    held = Line("x", np.arange(3.0), {"y": 1.0})
    none = Line("y", np.arange(2.0), {})
    trials = trials_of({2, 1001})
    found = along([line(4), held, none], trials)
    assert [each.place for each in found] == [2, 1, None]
    assert found[0].scores.tolist() == [1.0, 1.0, 0.0, 1.0]
    assert trials.scored == 4 + 3 + 2  # nothing is asked twice


def test_no_line_is_no_question() -> None:
    trials = trials_of(set())
    assert along([], trials) == []
    assert trials.scored == 0


@given(st.sets(st.integers(0, 900)), st.integers(1, 901))
def test_the_value_before_the_one_that_does_was_tried_and_does_not(
    low: set[int], size: int
) -> None:
    there = {place for place in low if place < size}
    trials = trials_of(low)
    place = along([line(size)], trials)[0].place
    if place is None:
        assert size > AT_ONCE or not there
    else:
        assert place in there
        assert place - 1 not in there
    if size <= AT_ONCE and there:
        assert place == min(there)


def test_a_model_that_answers_too_little_is_refused() -> None:
    trials = Trials(lambda _: np.zeros(1), ROW, LEVERS, CASES, BELOW)
    with pytest.raises(InvalidInput, match="1 scores for 3 rows"):
        along([line(3)], trials)
