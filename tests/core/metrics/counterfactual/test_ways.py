"""What is tried together, and how far back each field is drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core.errors import NotComputable
from core.metrics.counterfactual import Found, Lever, Nothing, find
from tests.core.metrics.counterfactual.models import BELOW, by_row, number, spread


def ask(answer: Any, row: Mapping[str, Any], *levers: Lever) -> Found:
    return find(
        by_row(answer), row, levers, spread(**{name: [0.0, 1.0, 3.0] for name in row}), BELOW
    )


def said(found: Found) -> list[dict[str, Any]]:
    return [{each.field: each.after for each in one.changes} for one in found.results]


def test_of_many_fields_the_six_that_come_nearest_are_tried_together() -> None:
    names = "abcdefg"
    row = dict.fromkeys(names, 0.0)
    levers = [number(name, range(2)) for name in names]
    weights = dict(zip(names, (0.24, 0.23, 0.22, 0.21, 0.2, 0.1, 0.19), strict=True))

    def answer(wanted: set[str]) -> Any:
        alone = {name: weights[name] for name in names}
        return lambda row: (
            0.0
            if {name for name in names if row[name]} == wanted
            else 1.0 - max(alone[name] * row[name] for name in names)
        )

    assert said(ask(answer({"e", "g"}), row, *levers)) == [{"e": 1.0, "g": 1.0}]
    assert ask(answer({"e", "f"}), row, *levers).nothing is Nothing.not_reachable


def test_of_many_categories_the_four_that_come_nearest_are_tried_together() -> None:
    kinds = ("own", "p", "q", "r", "s", "t")
    levers = (Lever("k", "categorical", "either", kinds[1:]), number("x", range(2)))
    cases = spread(k=[*kinds], x=[0.0, 1.0, 3.0, 4.0, 5.0, 6.0])
    nearer = dict(zip(kinds, (0.0, 0.1, 0.4, 0.3, 0.2, 0.35), strict=True))

    def found(wanted: str) -> Found:
        score = by_row(
            lambda row: 0.0 if row["x"] and row["k"] == wanted else 1.0 - nearer[row["k"]]
        )
        return find(score, {"k": "own", "x": 0.0}, levers, cases, BELOW)

    assert [said(found(kind)) for kind in "qrst"] == [[{"k": kind, "x": 1.0}] for kind in "qrst"]
    assert found("p").nothing is Nothing.not_reachable


def test_two_long_fields_are_drawn_back_to_where_neither_gives_way() -> None:
    levers = (number("x", range(5_000)), number("y", range(5_000)))
    found = ask(
        lambda row: float(row["x"] < 1_234 or row["y"] < 777), {"x": 0.0, "y": 0.0}, *levers
    )
    assert said(found) == [{"x": 1_234.0, "y": 777.0}]


def test_drawing_back_ends_after_four_rounds() -> None:
    """Each field can only follow the other by one step at a time."""
    levers = (number("x", range(1, 5_000)), number("y", range(1, 5_000)))

    def answer(row: Mapping[str, Any]) -> float:
        return 0.0 if abs(row["x"] - row["y"]) <= 1 and row["x"] >= 100 else 1.0

    [only] = said(ask(answer, {"x": 0.0, "y": 0.0}, *levers))
    # The coarse grid meets at its second of 24 values, 1 + 4998 / 23 = 218; x goes before y.
    assert only == {"x": 211.0, "y": 210.0}


def test_a_field_that_need_not_change_is_left_out() -> None:
    """Alone, only 200 of 5,000 values of x are tried; from x and y y can be taken back then."""
    levers = (number("x", range(1, 5_000)), number("y", range(1, 5_000)))
    window = {219.0, 220.0}

    def answer(row: Mapping[str, Any]) -> float:
        both = row["x"] >= 219 and row["y"] >= 218
        return 0.0 if (row["x"] in window and row["y"] == 0) or both else 1.0

    assert said(ask(answer, {"x": 0.0, "y": 0.0}, *levers)) == [{"x": 219.0}]


def test_what_holds_the_fields_of_a_way_found_later_is_left_out() -> None:
    """Two fields become one when they are drawn back, and it is in another two as well."""
    levers = tuple(number(name, range(1, 5_000)) for name in "xyz")
    window = {219.0, 220.0}

    def answer(row: Mapping[str, Any]) -> float:
        alone = row["x"] in window and row["y"] == row["z"] == 0
        both = row["x"] >= 219 and row["y"] >= 218
        other = row["x"] >= 400 and row["z"] >= 218
        return 0.0 if alone or both or other else 1.0

    assert said(ask(answer, dict.fromkeys("xyz", 0.0), *levers)) == [{"x": 219.0}]


def test_a_model_that_takes_its_answer_back_while_it_is_drawn_back_is_found_out() -> None:
    asked: list[int] = []

    def score(columns: Mapping[str, Any]) -> np.ndarray:
        asked.append(1)
        both = (columns["x"] == 1) & (columns["y"] == 1)
        return np.where(both & (len(asked) < 4), 0.0, 1.0)

    levers = (number("x", range(2)), number("y", range(2)))
    cases = spread(x=[0.0, 1.0, 3.0], y=[0.0, 1.0, 3.0])
    with pytest.raises(NotComputable, match="other scores when it is asked again"):
        find(score, {"x": 0.0, "y": 0.0}, levers, cases, BELOW)
