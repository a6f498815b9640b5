"""Small models whose nearest other result is worked out by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core.contract import Feature
from core.errors import NotComputable
from core.metrics.counterfactual import (
    Found,
    Goal,
    Lever,
    Nothing,
    Stuck,
    find,
    fit_background,
    levers_of,
)
from tests.core.metrics.counterfactual.models import BELOW, by_row, number, spread

GRID = np.arange(0.0, 101.0, 10.0)
CASES = spread(x=GRID, y=GRID, z=GRID, k=[*"aaaabbbbccc"])
ROW: Mapping[str, Any] = {"x": 55.0, "y": 50.0, "z": 50.0, "k": "a"}
X, Y, Z = (number(name, range(0, 101)) for name in "xyz")
K = Lever("k", "categorical", "either", ("a", "b", "c"))


def ask(answer: Any, *levers: Lever, goal: Goal = BELOW, row: Mapping[str, Any] = ROW) -> Found:
    return find(by_row(answer), row, levers, CASES, goal)


def said(found: Found) -> list[dict[str, Any]]:
    return [{each.field: each.after for each in one.changes} for one in found.results]


def test_the_smallest_step_over_one_threshold() -> None:
    found = ask(lambda row: 0.9 if row["x"] > 30 else 0.2, X)
    assert (found.score, found.nothing, found.goal) == (0.9, None, BELOW)
    [only] = found.results
    assert [(each.field, each.before, each.after) for each in only.changes] == [("x", 55.0, 30.0)]
    assert only.score == 0.2
    # The median deviation of 0, 10 … 100 is 30; a case with 30 differs in nothing but y, z and k.
    assert only.distance == pytest.approx(25 / (1.4826 * 30))
    assert only.moved == ()


def test_either_side_of_one_field_is_told_where_nothing_else_is_found() -> None:
    found = ask(lambda row: 0.0 if not 20 < row["x"] < 80 else 1.0, X, Y)
    assert said(found) == [{"x": 80.0}, {"x": 20.0}]


def test_a_direction_forbids() -> None:
    lower = number("x", range(0, 101), "increase")
    found = ask(lambda row: 0.9 if row["x"] > 30 else 0.2, lower)
    assert found.nothing is Nothing.not_reachable
    assert found.results == ()


def test_two_fields_are_needed_and_both_drawn_back() -> None:
    found = ask(lambda row: 0.0 if row["x"] <= 33 and row["y"] >= 71 else 1.0, X, Y, Z, K)
    assert said(found) == [{"x": 33.0, "y": 71.0}]
    assert found.results[0].distance == pytest.approx((22 + 21) / (1.4826 * 30))


def test_three_fields_are_needed() -> None:
    found = ask(lambda row: float(row["x"] > 33 or row["y"] < 71 or row["k"] != "c"), X, Y, Z, K)
    assert said(found) == [{"x": 33.0, "y": 71.0, "k": "c"}]


def test_four_fields_are_too_many() -> None:
    found = ask(
        lambda row: float(row["x"] > 33 or row["y"] < 71 or row["k"] != "c" or row["z"] > 20),
        X,
        Y,
        Z,
        K,
    )
    assert found.nothing is Nothing.not_reachable


def test_a_category_is_another_way() -> None:
    found = ask(lambda row: 0.1 if row["k"] == "c" else 0.8, X, K)
    assert said(found) == [{"k": "c"}]
    assert found.results[0].distance == 1.0


def test_ways_have_different_fields_and_the_fewest_and_smallest_come_first() -> None:
    def answer(row: Mapping[str, Any]) -> float:
        alone = row["x"] <= 20 or row["k"] == "c"
        return 0.0 if alone or (row["y"] <= 45 and row["z"] <= 45) else 1.0

    # x by 35 is 0.79, k is 1, and the two of y and z are 0.22, but two.
    found = ask(answer, X, Y, Z, K)
    assert said(found) == [{"x": 20.0}, {"k": "c"}, {"y": 45.0, "z": 45.0}]
    assert len({one.fields for one in found.results}) == 3


def test_no_way_holds_a_smaller_one() -> None:
    found = ask(lambda row: 0.0 if row["x"] <= 50 else 1.0, X, Y, K)
    assert said(found) == [{"x": 50.0}]


def test_a_smaller_change_of_more_fields_is_no_other_way() -> None:
    found = ask(lambda row: float(row["x"] > 20 and not (row["x"] <= 50 and row["y"] <= 49)), X, Y)
    assert said(found) == [{"x": 20.0}]


def test_three_ways_are_the_most() -> None:
    found = ask(lambda row: 0.0 if {**row} != {**ROW} else 1.0, X, Y, Z, K)
    assert len(found.results) == 3


def test_what_moves_with_a_field_moves_in_the_same_ratio() -> None:
    lever = Lever("x", "numeric", "either", X.values, in_proportion={"y": (0.0, 1.0)})
    row = {**ROW, "x": 50.0, "y": 0.5}
    found = ask(lambda row: 0.0 if row["y"] <= 0.25 else 1.0, lever, row=row)
    [only] = found.results
    assert said(found) == [{"x": 25.0}]
    assert [(each.field, each.before, each.after) for each in only.moved] == [("y", 0.5, 0.25)]
    unknown = ask(lambda row: row["x"] / 100, lever, row={**row, "y": None})
    assert unknown.results[0].moved == ()


def test_what_two_fields_move_is_moved_by_both() -> None:
    levers = [Lever(n, "numeric", "either", (25.0,), in_proportion={"z": (0, 99)}) for n in "xy"]
    row = {**ROW, "x": 50.0, "y": 50.0, "z": 40.0}
    found = ask(lambda row: 0.0 if row["z"] <= 10 else 1.0, *levers, row=row)
    assert said(found) == [{"x": 25.0, "y": 25.0}]
    assert [each.after for each in found.results[0].moved] == [10.0]


def test_a_missing_value_is_told_and_not_filled_in() -> None:
    found = ask(lambda row: float(row["x"] > 30), X, Y, row={**ROW, "y": None})
    assert found.stuck == {"y": Stuck.missing}
    assert said(found) == [{"x": 30.0}]


@pytest.mark.parametrize(
    ("relation", "limit", "expected"),
    [("<", 30, 29.0), ("<=", 30, 30.0), (">", 80, 81.0), (">=", 80, 80.0)],
)
def test_a_target_of_a_regression_in_any_relation(
    relation: Any, limit: float, expected: float
) -> None:
    found = ask(lambda row: row["x"], X, goal=Goal(relation, limit))
    assert said(found) == [{"x": expected}]


def test_a_missing_score_is_never_the_goal() -> None:
    found = ask(lambda row: float("nan") if row["x"] < 40 else 0.9, X)
    assert found.nothing is Nothing.not_reachable


@pytest.mark.parametrize(
    ("relation", "expected"), [("<", [0.25, -0.5]), (">", [-0.25, 0.5]), (">=", [-0.25, 0.5])]
)
def test_a_missing_score_is_farthest_from_the_goal(relation: Any, expected: list[float]) -> None:
    short = Goal(relation, 0.5).short_of(np.array([0.75, 0.0, np.nan]))
    assert short.tolist() == [*expected, np.inf]


def test_who_has_the_other_result_already_needs_no_change() -> None:
    found = ask(lambda _: 0.1, X)
    assert (found.nothing, found.results, found.scored) == (Nothing.already_other_result, (), 1)


@pytest.mark.parametrize("levers", [(), (Lever("x", "numeric", "increase", (3.0,)),)])
def test_where_nothing_can_be_changed_it_is_said(levers: tuple[Lever, ...]) -> None:
    found = ask(lambda _: 0.9, *levers)
    assert found.nothing is Nothing.no_actionable_field
    assert set(found.stuck.values()) <= {Stuck.no_room}


def test_what_no_real_case_is_near_to_is_not_named() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(50, 10, 400)
    cases = fit_background({"x": x, "y": x + rng.normal(0, 1, 400)}, ())
    levers = (number("x", range(20, 81)),)
    found = find(by_row(lambda row: row["x"]), {"x": 70.0, "y": 70.0}, levers, cases, Goal("<", 30))
    assert found.nothing is Nothing.only_implausible
    near = find(by_row(lambda row: row["x"]), {"x": 70.0, "y": 70.0}, levers, cases, Goal("<", 70))
    assert said(near) == [{"x": 69.0}]
    assert near.results[0].nearest <= near.limit == cases.limit


def test_the_nearest_plausible_value_is_taken_where_nearer_ones_are_not() -> None:
    cases = fit_background({"x": [0.0, 1, 2, 3, 4, 96, 97, 98, 99, 100]}, ())
    found = find(by_row(lambda row: row["x"]), {"x": 97.0}, (X,), cases, Goal("<", 90))
    # The median deviation is 48, and neighbours of the background are 1 apart.
    assert said(found) == [{"x": 5.0}]


def test_a_field_that_turns_out_needless_is_left_out() -> None:
    """Of 10,000 values of x only some are tried alone; with y changed the one that does is met."""
    far = Lever("x", "numeric", "increase", tuple(map(float, range(10_000))))
    hit = 7 + 55  # between the values that are tried

    def answer(row: Mapping[str, Any]) -> float:
        return 0.0 if row["x"] == hit or (row["x"] >= 9_999 and row["y"] == 60) else 1.0

    cases = spread(x=[0.0, 1e6, -1e6], y=[0.0, 1e3, -1e3])
    levers = (far, number("y", range(60, 61)))
    found = find(by_row(answer), {"x": 55.0, "y": 50.0}, levers, cases, BELOW)
    assert said(found) in ([{"x": 62.0}], [{"x": 9_999.0, "y": 60.0}])


def test_a_model_that_takes_its_answer_back_is_found_out() -> None:
    asked: list[int] = []

    def score(columns: Mapping[str, Any]) -> np.ndarray:
        asked.append(1)
        return np.where(columns["x"] < 30, 0.0 if len(asked) < 3 else 1.0, 1.0)

    lever = number("x", range(29, 30))
    with pytest.raises(NotComputable, match="other scores when it is asked again"):
        find(score, ROW, (lever,), CASES, BELOW)


def test_the_contracts_words_make_the_levers() -> None:
    features = [
        Feature.model_validate({"name": "x", "type": "numeric", "actionable": {"step": 10}}),
        Feature(name="y", type="numeric"),
        Feature(name="z", type="numeric"),
        Feature.model_validate({"name": "k", "type": "categorical", "actionable": True}),
    ]
    found = ask(lambda row: 0.0 if row["x"] <= 33 else 1.0, *levers_of(features, CASES))
    assert said(found) == [{"x": 30.0}]


def test_the_same_question_has_the_same_answer() -> None:
    def answer(row: Mapping[str, Any]) -> float:
        return float(np.sin(row["x"] / 7) * np.cos(row["y"] / 5) + (row["k"] == "a"))

    assert ask(answer, X, Y, K) == ask(answer, X, Y, K)
