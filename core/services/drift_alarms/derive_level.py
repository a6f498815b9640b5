"""An alarm of a fixed level derived again: the figure from the counts that were stored with it."""

import math
from dataclasses import dataclass

import numpy as np

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.metrics.binning import BinnedCounts
from core.metrics.drift import evaluate
from core.services import access
from core.services.drift_alarms.stored import (
    LEVEL,
    NO_EVIDENCE,
    NO_EVIDENCE_REMEDY,
    stored_alarm,
)
from core.services.reference.counts import stored_bins
from core.services.workspace import Workspace
from core.store.alerts import alarms

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class DerivedLevel:
    """A stored alarm of a fixed level, and what its counts give.

    Parameters
    ----------
    alarm : Alarm
        As stored.
    effect : float
        The figure, from the stored counts and the bins that the alarm names.
    n_reference, n_current : int
        Rows on both sides.
    """

    alarm: alarms.Alarm
    effect: float
    n_reference: int
    n_current: int

    @property
    def agrees(self) -> bool:
        """Whether figure and rows are what was stored, and the figure reaches the level."""
        stored = self.alarm
        if stored.effect is None or stored.threshold is None:
            return False
        return (
            math.isclose(self.effect, stored.effect, rel_tol=_CLOSE, abs_tol=_CLOSE)
            and self.effect >= stored.threshold
            and (self.n_reference, self.n_current) == (stored.n_reference, stored.n_current)
        )


def derive_level(workspace: Workspace, alarm_id: str, *, actor: Actor) -> DerivedLevel:
    """Derive a stored alarm again that a figure raised by reaching a fixed level.

    Raises
    ------
    NotFound
        If there is no such alarm in the actor's scope.
    InvalidInput
        If it is an alarm of another kind, or of a figure that counts alone do not give.
    """
    access.require(actor, Permission.drift_view)
    alarm = stored_alarm(workspace, alarm_id, actor=actor)
    if alarm.kind != LEVEL or alarm.bins_id is None:
        raise InvalidInput(NO_EVIDENCE, remedy=NO_EVIDENCE_REMEDY, alarm=alarm_id)
    bins = stored_bins(workspace, alarm.model_id, alarm.bins_id)
    reference, current = (
        np.asarray(alarm.evidence[side], dtype=np.float64) for side in ("reference", "current")
    )
    sides = BinnedCounts(reference), BinnedCounts(current[np.newaxis])
    effect = float(evaluate(alarm.method, bins.features[alarm.column], *sides).value[0])
    return DerivedLevel(alarm, effect, int(reference.sum()), int(current.sum()))
