"""``harbourlight drift --explain``: a stored alarm beside what its counts give again."""

import math
from dataclasses import dataclass

from core.cli.context import err, print_json, print_table
from core.domain.identity import Actor
from core.errors import NotFound
from core.services.drift_alarms import derive, derive_level, stored_alarm
from core.services.drift_alarms.stored import LEVEL
from core.services.workspace import Workspace
from core.store.alerts.alarms import Alarm

_Figures = list[tuple[str, float | None, float]]
_NOTHING = math.nan


@dataclass(frozen=True, slots=True)
class _Told:
    """What is printed of a derived alarm, as one document or as a table."""

    column: str
    bins_id: str
    figures: _Figures
    agrees: bool
    doubt: str
    counts: tuple[object, object]


def show_derived(
    workspace: Workspace, alarm_id: str, model: str, actor: Actor, as_json: bool
) -> bool:
    """Print an alarm as stored and as derived; return whether they agree.

    Parameters
    ----------
    workspace : Workspace
        Where.
    alarm_id : str
        An alarm, or an alert, of which the newest alarm is meant.
    model : str
        The model that it has to be of.
    actor : Actor
        Who asks.
    as_json : bool
        Print one document.
    """
    alarm = stored_alarm(workspace, alarm_id, actor=actor)
    if alarm.model_id != model:
        raise NotFound(
            "There is no alarm {alarm}.", remedy="Look it up in the list.", alarm=alarm_id
        )
    told = (_of_level if alarm.kind == LEVEL else _of_chance)(workspace, alarm, actor)
    if as_json:
        print_json(
            {
                "model": model,
                "alarm": alarm.id,
                "column": told.column,
                "method": alarm.method,
                "chunk": alarm.chunk_key,
                "bins_id": told.bins_id,
                "agrees": told.agrees,
                "doubt": told.doubt,
                "figures": {
                    name: {"stored": old, "derived": new} for name, old, new in told.figures
                },
                "counts": dict(zip(("reference", "current"), told.counts, strict=True)),
            }
        )
    else:
        title = f"{told.column} {alarm.method} {alarm.chunk_key}, bins {told.bins_id}"
        print_table(
            title,
            [{"figure": name, "stored": old, "derived": new} for name, old, new in told.figures],
        )
    if told.doubt:
        err.print(told.doubt, markup=False)
    return told.agrees


def _of_chance(workspace: Workspace, alarm: Alarm, actor: Actor) -> _Told:
    found = derive(workspace, alarm.id, actor=actor)
    stored, again, chance = found.evidence, found.figures, found.chance
    figures: _Figures = [
        ("statistic", stored.statistic, again.statistic),
        ("effect", stored.effect, again.effect),
        ("minimum effect", stored.minimum_effect, _NOTHING),
        ("threshold", stored.threshold, chance.threshold if chance else _NOTHING),
        ("p", stored.p, chance.p if chance else _NOTHING),
        ("n of the reference", stored.n_ref, again.n_ref),
        ("n of the period", stored.n_cur, again.n_cur),
    ]
    counts = (stored.reference.n, stored.current.n)
    return _Told(stored.series, stored.bins_id, figures, found.agrees, found.doubt, counts)


def _of_level(workspace: Workspace, alarm: Alarm, actor: Actor) -> _Told:
    found = derive_level(workspace, alarm.id, actor=actor)
    figures: _Figures = [
        ("effect", alarm.effect, found.effect),
        ("threshold", alarm.threshold, _NOTHING),
        ("n of the reference", alarm.n_reference, found.n_reference),
        ("n of the period", alarm.n_current, found.n_current),
    ]
    counts = (alarm.evidence["reference"], alarm.evidence["current"])
    return _Told(alarm.column, alarm.bins_id or "", figures, found.agrees, "", counts)
