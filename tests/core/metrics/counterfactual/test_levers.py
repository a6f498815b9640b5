"""Which values a lever offers, by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import Feature
from core.metrics.counterfactual import Background, Lever, Stuck, fit_background, levers_of
from core.metrics.counterfactual.levers import VALUES

HUNDRED = np.arange(101.0)


def background(x: Any = HUNDRED, kinds: Any = None) -> Background:
    words = ["a", "b", "b"] * len(x) if kinds is None else kinds
    return fit_background({"x": x, "r": np.asarray(x) / 200, "k": words[: len(x)]}, {"k"})


def lever(
    said: Any, *, kind: str = "numeric", cases: Background | None = None, **own: Any
) -> Lever:
    feature = {"name": "x" if kind == "numeric" else "k", "type": kind, "actionable": said, **own}
    ratio = {"name": "r", "type": "numeric", "minimum": 0, "maximum": 1}
    features = [Feature.model_validate(each) for each in (feature, ratio)]
    return levers_of(features, cases or background())[0]


def sides(found: Lever, **row: Any) -> list[list[Any]]:
    return [side.tolist() for side in found.reach(row).sides]


def test_only_what_is_actionable_is_a_lever() -> None:
    features = [
        Feature(name="x", type="numeric"),
        Feature.model_validate({"name": "k", "type": "categorical", "actionable": True}),
    ]
    assert [each.field for each in levers_of(features, background())] == ["k"]


def test_the_contracts_limits_and_steps_count_from_its_minimum() -> None:
    found = lever({"minimum": 5, "maximum": 30, "step": 10})
    assert found.values == (5.0, 15.0, 25.0)
    assert sides(found, x=15.0) == [[5.0], [25.0]]
    assert sides(found, x=16.0) == [[15.0, 5.0], [25.0]]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("either", [[20.0, 10.0], [40.0]]), ("decrease", [[20.0, 10.0]]), ("increase", [[40.0]])],
)
def test_a_direction_forbids_the_other_one(direction: str, expected: list[list[float]]) -> None:
    said = {"minimum": 10, "maximum": 40, "step": 10, "direction": direction}
    assert sides(lever(said), x=30.0) == expected


def test_without_limits_the_percentiles_of_the_background_stand() -> None:
    assert lever({"step": 1}).values == tuple(map(float, range(1, 100)))


def test_percentiles_are_cut_to_what_makes_sense_at_all() -> None:
    assert lever({"step": 20}, minimum=30, maximum=70).values == (40.0, 60.0)


def test_a_limit_may_be_wider_than_the_background() -> None:
    assert lever({"minimum": -40, "step": 40}).values == (-40.0, 0.0, 40.0, 80.0)


@pytest.mark.parametrize(
    ("column", "step"),
    [
        (np.arange(101.0), 1.0),  # 0.98 would be half a unit: whole numbers stay whole
        (np.arange(1001.0), 5.0),  # a hundredth of 980 is 9.8
        (np.arange(0, 10.01, 0.1), 0.05),  # of 9.8, 0.098
        (np.arange(0, 3.01, 0.01), 0.02),  # of 2.94, 0.0294
    ],
)
def test_a_step_of_its_own_is_1_2_or_5(column: np.ndarray, step: float) -> None:
    values = np.array(lever(True, cases=background(column)).values)
    assert np.diff(values) == pytest.approx(step)
    assert values / step == pytest.approx(np.round(values / step))


def test_a_step_that_gives_too_many_values_is_widened() -> None:
    values = lever({"minimum": 0, "maximum": 1_000_000, "step": 0.5}).values
    assert len(values) <= VALUES + 1
    assert values[:3] == (0.0, 100.0, 200.0)
    assert values[-1] == 1_000_000.0


def test_what_never_varies_offers_its_one_value() -> None:
    assert lever(True, cases=background(np.full(9, 7.0))).values == (7.0,)


def test_what_the_background_does_not_have_offers_nothing() -> None:
    found = lever(True, cases=background(np.full(9, np.nan)))
    assert found.values == ()
    assert found.reach({"x": 3.0}).stuck is Stuck.no_room


def test_limits_beyond_the_background_offer_nothing() -> None:
    assert lever({"minimum": 500, "step": 1}).values == ()


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_missing_value_is_not_changed(missing: float | None) -> None:
    assert lever(True).reach({"x": missing}).stuck is Stuck.missing
    assert lever(True, kind="categorical").reach({"k": missing}).stuck is Stuck.missing


def test_all_categories_of_the_background_are_offered_the_most_frequent_first() -> None:
    kinds = ["a", "b", "b", "c", "c", "c"]
    found = lever(True, kind="categorical", cases=background(np.arange(6.0), kinds))
    assert sides(found, k="a") == [["c"], ["b"]]
    assert sides(found, k="new") == [["c"], ["b"], ["a"]]


def test_only_seen_categories_are_named_and_only_between_them() -> None:
    found = lever({"values": ["a", "z", "b"]}, kind="categorical")
    assert sides(found, k="z") == [["a"], ["b"]]
    assert sides(found, k="a") == [["b"]]
    assert found.reach({"k": "c"}).stuck is Stuck.other_value


@pytest.mark.parametrize(
    ("direction", "own", "expected"),
    [
        ("increase", "a", [["b"], ["c"]]),
        ("increase", "b", [["c"]]),
        ("increase", "c", []),
        ("decrease", "b", [["a"]]),
        ("decrease", "a", []),
    ],
)
def test_categories_have_a_direction_by_their_order(
    direction: str, own: str, expected: list[list[str]]
) -> None:
    said = {"values": ["a", "b", "c"], "direction": direction}
    cases = background(np.arange(6.0), ["a", "b", "c", "c", "b", "a"])
    found = lever(said, kind="categorical", cases=cases)
    assert sides(found, k=own) == expected
    assert (found.reach({"k": own}).stuck is Stuck.no_room) == (expected == [])


def test_what_moves_in_proportion_stays_within_its_own_limits() -> None:
    said = {"minimum": 0, "maximum": 100, "step": 10, "in_proportion": ["r"]}
    # At 40 the ratio is 0.8, so above 50 it would be more than 1.
    assert sides(lever(said), x=40.0, r=0.8) == [[30.0, 20.0, 10.0, 0.0], [50.0]]
    assert sides(lever(said), x=40.0, r=None)[1] == [50.0, 60.0, 70.0, 80.0, 90.0, 100.0]
    # At 40 the ratio is -0.2, and no ratio is below 0: only 0 leaves it there.
    assert sides(lever(said), x=40.0, r=-0.2) == [[0.0]]
    assert lever(said).reach({"x": 0.0, "r": 0.0}).stuck is Stuck.no_proportion


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e5),
    st.floats(1e-3, 1e4),
    st.floats(-1e6, 1e6),
    st.sampled_from(["either", "increase", "decrease"]),
)
def test_every_value_lies_on_the_grid_within_limits_and_ahead(
    low: float, width: float, step: float, own: float, direction: str
) -> None:
    said = {"minimum": low, "maximum": low + width, "step": step, "direction": direction}
    found = lever(said)
    values = np.array(found.values)
    assert values.min() == pytest.approx(low, abs=1e-6 * max(1.0, abs(low)))
    slack = 1e-9 * max(abs(low), abs(low + width), step)
    assert ((values >= low - slack) & (values <= low + width + slack)).all()
    for side in found.reach({"x": own}).sides:
        ahead = np.sign(side - own)
        assert len(set(ahead.tolist())) == 1
        assert ahead[0] in {"either": {-1, 1}, "increase": {1}, "decrease": {-1}}[direction]
        assert (np.diff(np.abs(side - own)) > 0).all()
