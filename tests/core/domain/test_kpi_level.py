"""How a figure stands: limits first, then the target and how near the interval comes to it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.kpi_level import KpiLevel, kpi_level
from core.domain.status import Status

NONE: dict[str, Any] = {"target": None, "watch": None, "act": None}


@pytest.mark.parametrize(
    ("value", "given", "level"),
    [
        (0.02, {"target": 0.03}, "on_track"),
        (0.03, {"target": 0.03}, "on_track"),
        (0.035, {"target": 0.03}, "at_risk"),  # the interval reaches 0.025
        (0.05, {"target": 0.03}, "missed"),
        (0.05, {"target": 0.06, "watch": 0.04}, "at_risk"),
        (0.07, {"target": 0.08, "watch": 0.04, "act": 0.06}, "missed"),
        (0.02, {"watch": 0.04, "act": 0.06}, "on_track"),
        (0.05, {"target": 0.03, "watch": 0.04}, "missed"),  # beyond both, and nothing says when
        (0.05, {"target": 0.03, "watch": 0.03, "act": 0.06}, "at_risk"),
        (0.06, {"target": 0.03, "act": 0.06}, "at_risk"),
        (0.061, {"target": 0.03, "act": 0.06}, "missed"),
        (0.02, {}, "no_target"),
        (math.nan, {"target": 0.03}, "not_enough_data"),
    ],
)
def test_where_less_is_better(value: float, given: dict[str, Any], level: str) -> None:
    found = kpi_level(
        value, value - 0.01, value + 0.01, **{**NONE, **given}, direction="lower_is_better"
    )
    assert found is KpiLevel(level)


def test_without_an_interval_the_value_alone_decides() -> None:
    given = {**NONE, "target": 0.03}
    found = kpi_level(0.031, math.nan, math.nan, **given, direction="lower_is_better")
    assert found is KpiLevel.missed


def test_nothing_is_better_where_the_contract_does_not_say() -> None:
    assert kpi_level(1, 0, 2, target=1, watch=None, act=None, direction="neutral") == "no_target"


@given(
    value=st.floats(-10, 10),
    half=st.floats(0, 5),
    target=st.none() | st.floats(-10, 10),
    watch=st.none() | st.floats(-10, 10),
    act=st.none() | st.floats(-10, 10),
)
def test_a_mirrored_figure_stands_as_before(
    value: float, half: float, target: float | None, watch: float | None, act: float | None
) -> None:
    def turned(each: float | None) -> float | None:
        return None if each is None else -each

    one = kpi_level(
        value, value - half, value + half,
        target=target, watch=watch, act=act, direction="higher_is_better",
    )  # fmt: skip
    other = kpi_level(
        -value, -(value + half), -(value - half),
        target=turned(target), watch=turned(watch), act=turned(act), direction="lower_is_better",
    )  # fmt: skip
    assert one is other


@given(
    values=st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    half=st.floats(0, 5),
    target=st.none() | st.floats(-10, 10),
    watch=st.none() | st.floats(-10, 10),
    act=st.none() | st.floats(-10, 10),
)
def test_a_worse_figure_never_stands_better(
    values: tuple[float, float],
    half: float,
    target: float | None,
    watch: float | None,
    act: float | None,
) -> None:
    order = [KpiLevel.on_track, KpiLevel.at_risk, KpiLevel.missed, KpiLevel.no_target]
    better, worse = (
        order.index(
            kpi_level(
                value,
                value - half,
                value + half,
                target=target,
                watch=watch,
                act=act,
                direction="lower_is_better",
            )
        )
        for value in sorted(values)
    )
    assert better <= worse


def test_each_level_has_a_status() -> None:
    assert {level: level.status for level in KpiLevel} == {
        KpiLevel.on_track: Status.in_range,
        KpiLevel.at_risk: Status.watch,
        KpiLevel.missed: Status.act,
        KpiLevel.no_target: Status.not_enough_data,
        KpiLevel.not_enough_data: Status.not_enough_data,
    }
