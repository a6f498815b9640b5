"""The thresholds that one column's drift is held against, and where they come from."""

from dataclasses import dataclass

import numpy as np

from core.contract import ModelContract
from core.errors import NotComputable
from core.metrics.alarms import ThresholdKind, chunk_figures, deviation_limits
from core.services.questions import View
from core.services.workspace import Workspace

DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
"""Days of a period of the reference that stands for a chunk."""


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """What a figure is held against.

    Parameters
    ----------
    kind : ThresholdKind
        Numbers that somebody chose, or standard deviations above the reference's own periods.
    watch, act : float or None
        None stands for the metric's own.
    minimum_n : int or None
        Rows needed; None stands for the metric's own.
    deviations : float or None
        How many, if that is the kind.
    expected_rate : float or None
        False alarms a look that must be expected; None if it cannot be told, as for numbers that
        somebody chose.
    """

    kind: ThresholdKind
    watch: float | None
    act: float | None
    minimum_n: int | None
    deviations: float | None = None
    expected_rate: float | None = None


def constants_of(contract: ModelContract, method: str, column: str) -> DriftLimits:
    """Return the numbers that the contract has for a column; None where it has none."""
    own = contract.thresholds.get(method)
    if own is None:
        return DriftLimits(ThresholdKind.constant, None, None, None)
    chosen = own.of_column(column)
    return DriftLimits(ThresholdKind.constant, chosen.watch, chosen.act, own.minimum_n)


def limits_of(workspace: Workspace, view: View, method: str, column: str) -> DriftLimits:
    """Return what a column's drift against the reference is held against.

    Parameters
    ----------
    workspace : Workspace
        Where the reference is.
    view : View
        The question made exact.
    method, column : str
        Drift metric, and feature or output.

    Returns
    -------
    DriftLimits
        Numbers, if the contract asks for no deviations, the chunks are no calendar periods, or the
        reference has fewer than three of them.
    """
    fixed = constants_of(view.contract, method, column)
    own = view.contract.thresholds.get(method)
    wanted = own.of_column(column).deviations if own else None
    if wanted is None or view.question.by not in DAYS:
        return fixed
    from core.services.drift_alarms.judged import reference_series  # noqa: PLC0415  # few ask for it

    series = reference_series(workspace, view)[1][column]
    figures = np.abs(chunk_figures(series, method, DAYS[view.question.by]))
    try:
        found = deviation_limits(figures, deviations=wanted)
    except NotComputable:
        return fixed
    return DriftLimits(
        kind=ThresholdKind.deviations,
        watch=found.upper,
        act=found.upper,
        minimum_n=fixed.minimum_n,
        deviations=wanted,
        expected_rate=found.expected_rate,
    )
