"""How simulated reviewers decide: the chances that are stated, counted."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest

from core.domain.review import REASONS, Verdict
from core.services.demo.habits import HABITS, PANES, Drawn, Habit, draw, verdict_called_for

DRAWS = 4_000
STEADY = Habit("s", "Steady", right=0.8, defers=0.5, seconds=100.0, opens=0.6)


def drawn(
    habit: Habit, called_for: Verdict, *, seen: bool = True, hour: float = 9.5
) -> Sequence[Drawn]:
    generator = np.random.default_rng(7)
    return [
        draw(habit, called_for, score_seen=seen, hour=hour, generator=generator)
        for _ in range(DRAWS)
    ]


def near(count: int, chance: float) -> bool:
    """Whether a count of the draws is within four standard errors of its chance."""
    return abs(count / DRAWS - chance) < 4 * sqrt(chance * (1 - chance) / DRAWS)


def overturned(found: Sequence[Drawn]) -> int:
    return sum(each.verdict is Verdict.overturn for each in found)


@pytest.mark.parametrize(
    ("called_for", "seen", "chance"),
    [
        (Verdict.overturn, False, 0.8),  # nobody defers to a score that is not shown
        (Verdict.uphold, False, 0.2),
        (Verdict.overturn, True, 0.5 * 0.8),
        (Verdict.uphold, True, 0.5 * 0.2),
    ],
)
def test_how_often_the_model_is_overturned(called_for: Verdict, seen: bool, chance: float) -> None:
    assert near(overturned(drawn(STEADY, called_for, seen=seen)), chance)


@pytest.mark.parametrize(
    ("hour", "lost"), [(8.0, 0.0), (9.5, 0.0), (14.0, 0.2), (18.5, 0.4), (23.0, 0.4)]
)
def test_who_tires_is_right_less_often_as_the_day_goes_on(hour: float, lost: float) -> None:
    tired = Habit("t", "Tired", right=0.9, defers=0.0, seconds=100.0, opens=0.5, tires=0.4)
    assert near(overturned(drawn(tired, Verdict.overturn, hour=hour)), 0.9 - lost)


def test_deferring_takes_a_fifth_of_the_time_and_opens_a_fifth_of_the_panes() -> None:
    never = drawn(STEADY, Verdict.uphold, seen=False)
    always = drawn(Habit("d", "Defers", 0.8, 1.0, 100.0, 0.6), Verdict.uphold)
    # The median of a log-normal is its scale; its standard error is about 0.5 * sqrt(pi / 2 / n).
    assert np.median([each.seconds for each in never]) == pytest.approx(100, rel=0.05)
    assert np.median([each.seconds for each in always]) == pytest.approx(20, rel=0.05)
    for found, chance in ((never, 0.6), (always, 0.12)):
        for pane in PANES:
            assert near(sum(pane in each.panes for each in found), chance)


def test_reasons_are_those_of_the_verdict_and_all_of_them_come_up() -> None:
    found = drawn(STEADY, Verdict.overturn, seen=False)
    assert all(REASONS[each.reason_code].verdict is each.verdict for each in found)
    assert {each.reason_code for each in found} == set(REASONS)


def test_the_same_seed_gives_the_same_verdicts() -> None:
    assert drawn(STEADY, Verdict.uphold) == drawn(STEADY, Verdict.uphold)


def test_the_three_habits_differ_where_it_is_looked_for() -> None:
    rita, quinn, theo = HABITS
    assert quinn.defers > 3 * theo.defers > 3 * rita.defers / 2
    assert theo.tires > 0 == rita.tires == quinn.tires
    assert all("(simulated)" in each.display_name for each in HABITS)


@pytest.mark.parametrize(
    ("decision", "label", "verdict"),
    [
        ("approve", 0.0, Verdict.uphold),
        ("approve", 1.0, Verdict.overturn),
        ("decline", 0.0, Verdict.overturn),
        ("decline", 1.0, Verdict.uphold),
    ],
)
def test_what_the_outcome_calls_for(decision: str, label: float, verdict: Verdict) -> None:
    assert verdict_called_for(decision, label, ("approve", "decline")) is verdict
