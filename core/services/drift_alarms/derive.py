"""A stored alarm derived again: from its counts alone, and from the reference days."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.alarms import (
    AlarmEvidence,
    Rederived,
    RederivedChance,
    Series,
    rederive,
    rederive_chance,
)
from core.services import access
from core.services.drift_alarms.judged import reference_series
from core.services.drift_alarms.stored import NO_EVIDENCE, NO_EVIDENCE_REMEDY, stored_alarm
from core.services.performance.beyond_chance import SERIES, results_reference
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store.alerts import alarms

OTHER_BINS = N_("The reference was made again since, so its days cannot be drawn again.")
OF_RESULTS = "performance_beyond_chance"
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Derived:
    """A stored alarm, and what comes out if everything is computed again.

    Parameters
    ----------
    alarm : Alarm
        As stored.
    evidence : AlarmEvidence
        What was stored with it.
    figures : Rederived
        Statistic and effect from the stored counts.
    chance : RederivedChance or None
        p and threshold from the reference days as they are now.
    doubt : str
        Why there is no chance, as a message; empty if there is.
    """

    alarm: alarms.Alarm
    evidence: AlarmEvidence
    figures: Rederived
    chance: RederivedChance | None
    doubt: str

    @property
    def agrees(self) -> bool:
        """Whether all that could be computed again is what was stored."""
        pairs = [
            (self.figures.statistic, self.evidence.statistic),
            (self.figures.effect, self.evidence.effect),
        ]
        if self.chance is not None:
            pairs += [
                (self.chance.p, self.evidence.p),
                (self.chance.threshold, self.evidence.threshold),
            ]
        return all(math.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE) for a, b in pairs)


@retry_when_stale
def derive(workspace: Workspace, alarm_id: str, *, actor: Actor) -> Derived:
    """Derive a stored alarm again that was held against chance.

    Raises
    ------
    NotFound
        If there is no such alarm in the actor's scope.
    InvalidInput
        If it is an alarm of another kind.
    """
    access.require(actor, Permission.drift_view)
    alarm = stored_alarm(workspace, alarm_id, actor=actor)
    if "reference_digest" not in alarm.evidence:
        raise InvalidInput(NO_EVIDENCE, remedy=NO_EVIDENCE_REMEDY, alarm=alarm_id)
    kept = {name: value for name, value in alarm.evidence.items() if name != alarms.IMPORTANCE}
    evidence = AlarmEvidence.from_json(json.dumps(kept))
    view = _view(workspace, alarm, actor)
    chance, doubt = None, ""
    if evidence.bins_id and view.bins_id != evidence.bins_id:
        doubt = OTHER_BINS
    else:
        try:
            chance = rederive_chance(evidence, _reference(workspace, view, alarm))
        except (InvalidInput, NotComputable) as error:
            doubt = error.template
    return Derived(alarm, evidence, rederive(evidence), chance, doubt)


def _view(workspace: Workspace, alarm: alarms.Alarm, actor: Actor) -> View:
    question = Question(alarm.model_id, version=alarm.version or None, slice=alarm.slice or None)
    if alarm.kind != OF_RESULTS:
        return resolve(workspace, question, Permission.drift_view, actor=actor)
    # More labels of the reference may have come since.
    then = replace(question, as_of=alarm.as_of.isoformat())
    return resolve(workspace, then, Permission.performance_view, actor=actor)


def _reference(workspace: Workspace, view: View, alarm: alarms.Alarm) -> Mapping[str, Series]:
    if alarm.kind == OF_RESULTS:
        return {SERIES: results_reference(workspace, view)[0]}
    return reference_series(workspace, view)[1]
