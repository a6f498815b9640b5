"""Answers about models that were drawn by chance, beside every variant there is."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as draws

from core.metrics.arrays import Floats
from core.metrics.counterfactual import (
    Background,
    Found,
    Goal,
    Lever,
    Nothing,
    find,
    fit_background,
)
from core.metrics.nearest import nearest
from tests.core.metrics.counterfactual.models import BELOW, by_row

SIZE, KINDS = 5, "abc"
TABLES = draws.arrays(np.float64, (SIZE, SIZE, 3), elements=st.sampled_from([0.2, 0.8, 0.9]))
ROWS = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.sampled_from(KINDS))
CASES = st.lists(ROWS, min_size=4, max_size=12)
DIRECTIONS = st.sampled_from(["either", "increase", "decrease"])


def model(table: Floats) -> Any:
    """A model that says of each row what a table says, whatever that is."""
    return by_row(lambda row: float(table[int(row["x"]), int(row["y"]), KINDS.index(row["k"])]))


def levers_to(x: Any, y: Any) -> tuple[Lever, ...]:
    grid = tuple(map(float, range(SIZE)))
    kinds = Lever("k", "categorical", "either", tuple(KINDS))
    return Lever("x", "numeric", x, grid), Lever("y", "numeric", y, grid), kinds


def as_row(point: tuple[int, int, str]) -> dict[str, Any]:
    return dict(zip("xyk", (float(point[0]), float(point[1]), point[2]), strict=True))


def background_of(cases: list[tuple[int, int, str]]) -> Background:
    rows = [as_row(case) for case in cases]
    return fit_background({name: [row[name] for row in rows] for name in "xyk"}, {"k"})


def every_variant(row: Mapping[str, Any], x: str, y: str) -> Iterator[dict[str, Any]]:
    """Yield every row that the levers allow, the row itself among them."""
    for point in product(range(SIZE), range(SIZE), KINDS):
        variant = as_row(point)
        signs = {name: np.sign(variant[name] - row[name]) for name in "xy"}
        allowed = {"either": {-1, 0, 1}, "increase": {0, 1}, "decrease": {-1, 0}}
        if signs["x"] in allowed[x] and signs["y"] in allowed[y]:
            yield variant


def changed(row: Mapping[str, Any], variant: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in row if row[name] != variant[name])


def distance(background: Background, row: Mapping[str, Any], variant: Mapping[str, Any]) -> float:
    return float(
        sum(
            background.change(name, row[name], [variant[name]])[0] for name in changed(row, variant)
        )
    )


def is_near(background: Background, variant: Mapping[str, Any]) -> bool:
    """Whether a variant is near a case by the search for similar cases."""
    numbers = np.column_stack([background.numbers[name] for name in "xy"])
    words = np.array([background.words["k"][code] for code in background.codes["k"]])
    units = np.array([background.scales[name] or 1e-9 for name in "xy"])
    point = np.array([variant[name] for name in "xy"])
    same = (words == variant["k"])[:, None]
    return bool(nearest(numbers, same, units, point, count=1)[1][0] <= background.limit + 1e-12)


def applied(found: Found, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**row, **{each.field: each.after for each in one.changes}} for one in found.results]


@given(TABLES, ROWS, CASES, DIRECTIONS, DIRECTIONS)
def test_what_is_found_is_what_trying_everything_finds(
    table: Floats, point: tuple[int, int, str], cases: list[tuple[int, int, str]], x: str, y: str
) -> None:
    row, score, background = as_row(point), model(table), background_of(cases)
    found = find(score, row, levers_to(x, y), background, BELOW)
    reach = [
        each
        for each in every_variant(row, x, y)
        if table[int(each["x"]), int(each["y"]), KINDS.index(each["k"])] < BELOW.limit
    ]
    near = [each for each in reach if is_near(background, each)]
    if any(each == row for each in reach):
        assert found.nothing is Nothing.already_other_result
    elif not near:
        assert found.nothing is (Nothing.only_implausible if reach else Nothing.not_reachable)
    else:
        first = found.results[0]
        fewest = min(len(changed(row, each)) for each in near)
        assert len(first.changes) == fewest
        few = [each for each in near if len(changed(row, each)) == fewest]
        least = min(distance(background, row, each) for each in few)
        assert np.isclose(first.distance, least)
        # Each result, whatever its place, is one of those that trying everything finds.
        assert all(variant in near for variant in applied(found, row))


@given(TABLES, ROWS, CASES, DIRECTIONS, DIRECTIONS)
def test_every_result_holds_by_itself(
    table: Floats, point: tuple[int, int, str], cases: list[tuple[int, int, str]], x: str, y: str
) -> None:
    row, score, background = as_row(point), model(table), background_of(cases)
    found = find(score, row, levers_to(x, y), background, BELOW)
    assert (found.nothing is None) == bool(found.results)
    assert len(found.results) <= 3
    sets = [one.fields for one in found.results]
    assert len(set(sets)) in {1, len(sets)}
    assert not any(one < other for one in sets for other in sets)
    for one, variant in zip(found.results, applied(found, row), strict=True):
        columns = {name: np.array([variant[name]]) for name in variant}
        assert score(columns)[0] == one.score < BELOW.limit
        assert one.fields == set(changed(row, variant))
        assert [each.before for each in one.changes] == [row[each.field] for each in one.changes]
        assert np.isclose(one.distance, distance(background, row, variant))
        assert one.nearest <= background.limit


@given(
    st.integers(1, 5_000),
    st.integers(0, 5_000),
    st.integers(0, 5_000),
    st.sampled_from(["<", "<=", ">", ">="]),
)
def test_one_step_back_fails(step: int, own: int, limit: int, relation: Any) -> None:
    goal = Goal(relation, float(limit))
    values = tuple(map(float, range(0, 5_001 * step, step)))[:5_001]
    lever = Lever("x", "numeric", "either", values)
    cases = fit_background({"x": np.arange(0.0, values[-1] + 1, values[-1] / 10)}, ())
    found = find(by_row(lambda row: row["x"]), {"x": float(own)}, (lever,), cases, goal)
    for one in found.results:
        after = one.changes[0].after
        assert after in values
        assert goal.reached(np.array([after]))[0]
        back = after - step * np.sign(after - own)
        assert (back - own) * (after - own) < 0 or not goal.reached(np.array([back]))[0]
