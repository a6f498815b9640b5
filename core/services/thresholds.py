"""The thresholds in force for a model: what its contract sets, or else the metric's defaults."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.contract import ModelContract
from core.domain.status import Status
from core.metrics.metric import Direction, judge
from core.metrics.registry import metric


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where watch and act begin for one metric of one model.

    Parameters
    ----------
    watch, act : float or None
        In the metric's own unit; ``None`` where neither contract nor registry sets one.
    minimum_n : int
        Rows needed before a value is held against them.
    direction : str
        Which side of them is the worse one.
    """

    watch: float | None
    act: float | None
    minimum_n: int
    direction: Direction

    @property
    def judges(self) -> bool:
        """Whether there is anything that a value is held against."""
        return self.watch is not None or self.act is not None

    def statuses(self, values: ArrayLike, n: ArrayLike) -> list[Status]:
        """Return how values, each computed from ``n`` rows, stand; NaN is not enough data."""
        enough = [count >= self.minimum_n for count in _flat(n)]
        found = judge(
            _flat(values),
            enough=enough,
            watch=self.watch,
            act=self.act,
            direction=self.direction,
        )
        return [Status(str(status)) for status in found]

    def status(self, value: float, n: float) -> Status:
        """Return how one value, computed from ``n`` rows, stands."""
        return self.statuses([value], [n])[0]


def thresholds_of(contract: ModelContract, name: str) -> Thresholds:
    """Return the thresholds that hold for a metric in a model.

    A contract that sets only one of the values leaves the others at their defaults.
    """
    entry, own = metric(name), contract.thresholds.get(name)
    watch = own.watch if own else None
    act = own.act if own else None
    minimum = own.minimum_n if own else None
    return Thresholds(
        watch=entry.watch if watch is None else watch,
        act=entry.act if act is None else act,
        minimum_n=entry.minimum_n if minimum is None else minimum,
        direction=entry.direction,
    )


def _flat(values: ArrayLike) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64).reshape(-1)]
