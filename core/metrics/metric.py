"""What the registry says about one metric."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from core.domain.status import Status
from core.metrics.arrays import AnyArray

Family = Literal[
    "drift",
    "multivariate",
    "data_quality",
    "confidence",
    "operations",
    "performance",
    "fairness",
    "value",
]
Direction = Literal["lower_is_better", "higher_is_better", "neutral"]
Unit = Literal[
    "none",
    "share",
    "relative",
    "milliseconds",
    "hours",
    "standard_deviations",
    "own",
    "own_squared",
    "money",
]

NUMERIC = frozenset({"numeric"})
CATEGORICAL = frozenset({"categorical"})
ANY_FEATURE = NUMERIC | CATEGORICAL
WHOLE_LOG: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One entry of the registry.

    Parameters
    ----------
    id : str
        Name in code, on the command line and in ``--json``.
    label, meaning : str
        English message ids: a short name, and what 0 and 1 mean in one sentence.
    family : str
        Group of metrics that it is shown with.
    applies_to : frozenset of str
        Feature types; empty for a metric of the whole log.
    formula : str
        Plain text.
    range : tuple of float
        Lowest and highest possible value.
    unit : str
        ``"own"`` is the unit of the column measured and ``"own_squared"`` its square,
        ``"relative"`` a share of the actual value, ``"money"`` the currency of the contract.
    direction : str
        Whether a smaller or a larger value is better, or neither.
    watch, act : float or None
        Default thresholds; reached means crossed. None: no default, only what a contract sets.
    minimum_n, minimum_n_per_group : int
        Rows that both sides need in all, and per group that the reference uses, before a value is
        held against thresholds.
    source : str
        Where the formula and the thresholds come from.
    """

    id: str
    label: str
    meaning: str
    family: Family
    applies_to: frozenset[str]
    formula: str
    range: tuple[float, float]
    unit: Unit
    direction: Direction
    watch: float | None
    act: float | None
    minimum_n: int
    minimum_n_per_group: int = 0
    source: str

    @property
    def doc(self) -> str:
        """Path of the metric's page from the project's root."""
        return f"docs/metrics/{self.id}.md"

    def status(self, value: float, n: float) -> Status:
        """Return how one value, computed from ``n`` rows, stands against the default thresholds."""
        return self.held_against(value, n)

    def held_against(
        self, value: float, n: float, *, watch: float | None = None, act: float | None = None
    ) -> Status:
        """Return how one value stands against a contract's thresholds.

        Parameters
        ----------
        value : float
            The figure; NaN is not enough data.
        n : float
            Rows behind it.
        watch, act : float, optional
            Thresholds in place of the default ones.

        Returns
        -------
        Status
            Not enough data below ``minimum_n`` rows.
        """
        found = judge(
            value,
            enough=n >= self.minimum_n,
            watch=self.watch if watch is None else watch,
            act=self.act if act is None else act,
            direction=self.direction,
        )
        return Status(str(found))


def judge(
    values: ArrayLike,
    *,
    enough: ArrayLike,
    watch: float | None,
    act: float | None,
    direction: Direction,
) -> AnyArray:
    """Hold values against thresholds.

    Parameters
    ----------
    values : array_like, shape (...)
        Values; NaN is not enough data.
    enough : array_like of bool, shape (...)
        Whether enough rows stand behind each.
    watch, act : float or None
        Thresholds; a value equal to one has reached it.
    direction : str
        With ``"higher_is_better"`` thresholds are reached from above; with ``"neutral"`` as with
        ``"lower_is_better"``.

    Returns
    -------
    ndarray of str, shape (...)
        Values of :class:`core.domain.status.Status`.
    """
    figures = np.asarray(values, dtype=np.float64)
    sign = -1.0 if direction == "higher_is_better" else 1.0
    result = np.full(figures.shape, Status.in_range.value, dtype="<U16")
    for threshold, status in ((watch, Status.watch), (act, Status.act)):
        if threshold is not None:
            result = np.where(sign * figures >= sign * threshold, status.value, result)
    return np.where(np.asarray(enough) & ~np.isnan(figures), result, Status.not_enough_data.value)
