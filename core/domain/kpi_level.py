"""How a KPI stands against its target and its limits."""

import math
from enum import StrEnum
from typing import Literal

from core.domain.status import Status

ENOUGH_ROWS = 30
"""Rows behind a figure, before it is held against anything."""


class KpiLevel(StrEnum):
    """What is said of a KPI in a period."""

    on_track = "on_track"
    at_risk = "at_risk"
    missed = "missed"
    no_target = "no_target"
    not_enough_data = "not_enough_data"

    @property
    def status(self) -> Status:
        """The status whose shape stands for it."""
        return _STATUS.get(self, Status.not_enough_data)


_STATUS = {
    KpiLevel.on_track: Status.in_range,
    KpiLevel.at_risk: Status.watch,
    KpiLevel.missed: Status.act,
}


def kpi_level(
    value: float,
    low: float,
    high: float,
    *,
    target: float | None,
    watch: float | None,
    act: float | None,
    direction: Literal["higher_is_better", "lower_is_better", "neutral"],
) -> KpiLevel:
    """Say how a figure stands.

    Beyond the limit at which one must act it is missed. Else it is on track if it meets its target
    and keeps the limit at which it is watched, and at risk if it does not. Without a limit to act,
    a target that not even the interval of the figure reaches is missed. So a figure that is worse
    never stands better.

    Parameters
    ----------
    value, low, high : float
        The figure and its interval; NaN where there is none.
    target, watch, act : float, optional
        In the same unit.
    direction : {"higher_is_better", "lower_is_better", "neutral"}
        Which way is better.

    Examples
    --------
    >>> kpi_level(0.05, 0.04, 0.06, target=0.045, watch=None, act=None, direction="lower_is_better")
    <KpiLevel.at_risk: 'at_risk'>
    """
    if math.isnan(value):
        return KpiLevel.not_enough_data
    if direction == "neutral" or (target is None and watch is None and act is None):
        return KpiLevel.no_target
    sign = 1.0 if direction == "higher_is_better" else -1.0
    if act is not None and sign * value < sign * act:
        return KpiLevel.missed
    met = target is None or sign * value >= sign * target
    if met and (watch is None or sign * value >= sign * watch):
        return KpiLevel.on_track
    if target is None or met or act is not None:
        return KpiLevel.at_risk
    best = max(sign * low, sign * high)  # NaN, and so not reached, without an interval
    return KpiLevel.at_risk if best >= sign * target else KpiLevel.missed
