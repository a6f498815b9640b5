"""Alarms: what a check found to be wrong, with everything that is needed to derive it again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from core.errors import NotFound
from core.store.alerts.checks import CheckRun
from core.store.tables import alarm

_JOINED = {"drift": "drift", "drift_beyond_chance": "drift"}
_ALL_METHODS = frozenset({*_JOINED, "performance_beyond_chance"})
DRIFT_KINDS = frozenset(_JOINED)
"""Kinds that say the same of a column, large or no accident: one matter for whoever reads."""

IMPORTANCE = "importance"
"""In the evidence of drift: what the column weighs in the score, in multiples of an average one."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of one check; never changed.

    Parameters
    ----------
    id, run_id, model_id : str
        Its key, the check that raised it, and whose it is.
    kind, method, column, version, slice : str
        What is wrong with what; empty where it does not apply.
    chunk_key, chunk_start, chunk_end : str, datetime, datetime
        The period.
    severity : {"watch", "act"}
        How much it matters.
    statistic, p_value, effect, minimum_effect, threshold : float, optional
        The test that was made, and what it was held against.
    n_reference, n_current : int, optional
        Rows on both sides.
    bins_id : str, optional
        The reference's bins.
    evidence : mapping
        JSON from which a person can derive it again, counts where there are any.
    raised_at, as_of : datetime
        When it was found, and what was known then.
    """

    id: str
    run_id: str
    model_id: str
    kind: str
    method: str
    column: str
    version: str
    slice: str
    chunk_key: str
    chunk_start: datetime
    chunk_end: datetime
    severity: str
    statistic: float | None
    p_value: float | None
    effect: float | None
    minimum_effect: float | None
    threshold: float | None
    n_reference: int | None
    n_current: int | None
    bins_id: str | None
    evidence: Mapping[str, object]
    raised_at: datetime
    as_of: datetime

    @property
    def key(self) -> str:
        """What this kind of alarm is about, whatever the period; figures read together are one."""
        method = "" if self.kind in _ALL_METHODS else self.method
        return _key(self.kind, method, self.column, self.version, self.slice)

    @property
    def matter(self) -> str:
        """What an alert follows: kinds and methods that find a column drifted are one matter."""
        kind = _JOINED.get(self.kind, self.kind)
        return _key(kind, *json.loads(self.key)[1:])

    @property
    def far_out(self) -> float:
        """How far beyond its threshold it is, as a multiple; 0 if it has no threshold."""
        return abs(self.effect or 0.0) / abs(self.threshold) if self.threshold else 0.0

    @property
    def harm(self) -> float:
        """How far out it is, times what the column weighs in the score where that is known."""
        weight = self.evidence.get(IMPORTANCE, 1.0)
        return self.far_out * (float(weight) if isinstance(weight, int | float) else 1.0)


def keys_of(matter: str) -> dict[str, str]:
    """Return kind → key of the alarms that are of a matter."""
    kind, *about = json.loads(matter)
    kinds = [name for name, joined in _JOINED.items() if joined == kind] or [kind]
    return {name: _key(name, *about) for name in kinds}


def _key(kind: str, method: str, column: str, version: str, slice_: str) -> str:
    return json.dumps([kind, method, column, version, slice_], ensure_ascii=False)


def put_all(conn: Connection, alarms: Iterable[Alarm]) -> None:
    """Keep the alarms of a check."""
    rows = [asdict(each) | {"key": each.key, "evidence": dict(each.evidence)} for each in alarms]
    if rows:
        conn.execute(insert(alarm), rows)


def get(conn: Connection, alarm_id: str) -> Alarm:
    """Return an alarm.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(alarm).where(alarm.c.id == alarm_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no alarm {alarm}.", remedy="Look it up in the list.", alarm=alarm_id
        )
    return alarm_of(row)


def of_run(conn: Connection, run_id: str) -> tuple[Alarm, ...]:
    """Return the alarms of a check."""
    query = select(alarm).where(alarm.c.run_id == run_id).order_by(alarm.c.id)
    return tuple(alarm_of(row) for row in conn.execute(query))


def standing(runs: Sequence[CheckRun], raised: Sequence[Sequence[Alarm]]) -> tuple[Alarm, ...]:
    """Return the alarms of attempts at one check, without those that a later one looked at again.

    Parameters
    ----------
    runs : sequence of CheckRun
        The attempts, the first one first.
    raised : sequence of sequence of Alarm
        What each of them raised.
    """
    return tuple(
        each
        for place, found in enumerate(raised)
        for each in found
        if not any(each.kind in later.sources for later in runs[place + 1 :])
    )


def raised_since(
    conn: Connection, model_id: str, since: datetime, *, limit: int = 5000
) -> tuple[Alarm, ...]:
    """Return the alarms of a model that checks raised since a moment, the newest first."""
    query = select(alarm).where(alarm.c.model_id == model_id, alarm.c.raised_at >= since)
    rows = conn.execute(query.order_by(alarm.c.raised_at.desc(), alarm.c.id.desc()).limit(limit))
    return tuple(alarm_of(row) for row in rows)


def of_matter(
    conn: Connection, model_id: str, matter: str, *, since: datetime | None = None, limit: int = 200
) -> tuple[Alarm, ...]:
    """Return the alarms of one matter, the newest knowledge first."""
    keys = list(keys_of(matter).values())
    query = select(alarm).where(alarm.c.model_id == model_id, alarm.c.key.in_(keys))
    if since is not None:
        query = query.where(alarm.c.as_of >= since)
    rows = conn.execute(query.order_by(alarm.c.as_of.desc(), alarm.c.id.desc()).limit(limit))
    return tuple(alarm_of(row) for row in rows)


def keys_by_run(conn: Connection, run_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return check → the keys of the alarms that it raised; checks without any are left out."""
    query = select(alarm.c.run_id, alarm.c.key).where(alarm.c.run_id.in_(list(run_ids)))
    found: dict[str, set[str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.run_id, set()).add(row.key)
    return {run_id: frozenset(keys) for run_id, keys in found.items()}


def alarm_of(row: Any) -> Alarm:
    """Return the alarm of a row."""
    return Alarm(**{name: row._mapping[name] for name in Alarm.__dataclass_fields__})
