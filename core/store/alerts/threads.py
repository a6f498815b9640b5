"""Alerts: the thread that people follow from the first alarm of a matter until it is closed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.errors import NotFound
from core.store.alerts.alarms import Alarm, alarm_of
from core.store.rows import insert_if_absent
from core.store.tables import alarm, alert, alert_event, alert_seen
from core.store.types import clean_text

LIVE = ("open", "acknowledged", "snoozed")


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Parameters
    ----------
    id, model_id, key : str
        Its key, whose it is, and what about.
    severity : {"watch", "act"}
        How much it matters.
    state : {"open", "acknowledged", "snoozed", "closed"}
        Where it stands.
    alarm : Alarm
        The newest alarm.
    first_alarm_id : str
        The alarm that opened it.
    alarms : int
        Checks that raised it.
    opened_at, changed_at, closed_at : datetime, datetime, datetime or None
        Its times.
    owner_id : str or None
        Who sees to it.
    snoozed_until : datetime or None
        Until when it is silent.
    news_id : int
        The newest of its events that people are told of.
    """

    id: str
    model_id: str
    key: str
    severity: str
    state: str
    alarm: Alarm
    first_alarm_id: str
    alarms: int
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    owner_id: str | None
    snoozed_until: datetime | None
    news_id: int

    @property
    def live(self) -> bool:
        """Whether it is not closed."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """What happened to an alert: when, by whom, why, and the alarm that was the cause."""

    id: int
    alert_id: str
    at: datetime
    actor: str
    kind: str
    reason: str
    alarm_id: str | None


_OWN = tuple(name for name in Alert.__dataclass_fields__ if name != "alarm")


def open_alert(
    conn: Connection,
    *,
    alert_id: str,
    severity: str,
    cause: Alarm,
    alarms: int,
    owner_id: str | None,
    at: datetime,
) -> bool:
    """Open an alert for an alarm; return whether its matter had no live one.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    alert_id : str
        Its id.
    severity : str
        ``watch`` or ``act``.
    cause : Alarm
        The alarm.
    alarms : int
        How many alarms it stands for.
    owner_id : str, optional
        Who sees to it.
    at : datetime
        When.
    """
    values = {
        "id": alert_id,
        "model_id": cause.model_id,
        "key": cause.matter,
        "severity": severity,
        "state": "open",
        "first_alarm_id": cause.id,
        "newest_alarm_id": cause.id,
        "alarms": alarms,
        "opened_at": at,
        "changed_at": at,
        "owner_id": owner_id,
        "news_id": 0,
    }
    return insert_if_absent(conn, alert, values)


def change(conn: Connection, alert_id: str, **values: object) -> None:
    """Change columns of an alert."""
    conn.execute(update(alert).where(alert.c.id == alert_id).values(**values))


def add_event(
    conn: Connection,
    alert_id: str,
    *,
    kind: str,
    actor: str,
    at: datetime,
    reason: str = "",
    alarm_id: str | None = None,
    news: bool = False,
) -> int:
    """Note what happened to an alert; return the event's id.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    alert_id, kind, actor, at, reason, alarm_id
        The event.
    news : bool
        Whether people are to be told.
    """
    values = {
        "alert_id": alert_id,
        "at": at,
        "actor": actor,
        "kind": kind,
        "reason": clean_text(reason),
        "alarm_id": alarm_id,
    }
    event_id = int(
        conn.execute(insert(alert_event).values(**values).returning(alert_event.c.id)).scalar_one()
    )
    if news:
        change(conn, alert_id, news_id=event_id)
    return event_id


def get(conn: Connection, alert_id: str, *, lock: bool = False) -> Alert:
    """Return an alert; with ``lock``, others cannot change it until the commit.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    if lock:
        conn.execute(select(alert.c.id).where(alert.c.id == alert_id).with_for_update())
    rows = conn.execute(select(alert).where(alert.c.id == alert_id)).all()
    if not rows:
        raise NotFound(
            "There is no alert {alert}.",
            remedy="Choose one on the page Alerts, or run 'harbourlight alerts list'.",
            alert=alert_id,
        )
    return _with_alarms(conn, rows)[0]


def live_of(conn: Connection, model_id: str) -> dict[str, Alert]:
    """Return matter → live alert of a model."""
    query = select(alert).where(alert.c.model_id == model_id, alert.c.state.in_(LIVE))
    return {each.key: each for each in _with_alarms(conn, conn.execute(query).all())}


def list_alerts(
    conn: Connection,
    *,
    models: Iterable[str] | None = None,
    states: Iterable[str] | None = None,
    limit: int = 200,
) -> tuple[Alert, ...]:
    """Return alerts, the newest first; ``None`` does not narrow."""
    query = select(alert)
    if models is not None:
        query = query.where(alert.c.model_id.in_(list(models)))
    if states is not None:
        query = query.where(alert.c.state.in_(list(states)))
    order = (alert.c.opened_at.desc(), alert.c.id.desc())
    return _with_alarms(conn, conn.execute(query.order_by(*order).limit(limit)).all())


def events(conn: Connection, alert_id: str) -> tuple[AlertEvent, ...]:
    """Return what happened to an alert, the oldest first."""
    query = select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.id)
    return tuple(AlertEvent(**row._mapping) for row in conn.execute(query))


def get_event(conn: Connection, event_id: int) -> AlertEvent:
    """Return one event."""
    query = select(alert_event).where(alert_event.c.id == event_id)
    return AlertEvent(**conn.execute(query).one()._mapping)


def count_unread(conn: Connection, user_id: str, models: Iterable[str] | None) -> int:
    """Return how many open alerts have news that a user has not seen."""
    seen = select(alert_seen.c.event_id).where(alert_seen.c.user_id == user_id).scalar_subquery()
    query = (
        select(func.count())
        .select_from(alert)
        .where(alert.c.state == "open", alert.c.news_id > func.coalesce(seen, 0))
    )
    if models is not None:
        query = query.where(alert.c.model_id.in_(list(models)))
    return int(conn.execute(query).scalar_one())


def seen_until(conn: Connection, user_id: str) -> int:
    """Return the newest event that a user has seen; 0 if none."""
    query = select(alert_seen.c.event_id).where(alert_seen.c.user_id == user_id)
    return int(conn.execute(query).scalar_one_or_none() or 0)


def mark_seen(conn: Connection, user_id: str, event_id: int) -> None:
    """Note that a user has seen the news up to an event; it never goes back."""
    if not insert_if_absent(conn, alert_seen, {"user_id": user_id, "event_id": event_id}):
        conn.execute(
            update(alert_seen)
            .where(alert_seen.c.user_id == user_id, alert_seen.c.event_id < event_id)
            .values(event_id=event_id)
        )


def _with_alarms(conn: Connection, rows: Sequence[Any]) -> tuple[Alert, ...]:
    """Return alerts, each with its newest alarm."""
    wanted = {row.newest_alarm_id for row in rows}
    found = conn.execute(select(alarm).where(alarm.c.id.in_(sorted(wanted))))
    newest = {row.id: alarm_of(row) for row in found}
    return tuple(
        Alert(
            **{name: row._mapping[name] for name in _OWN},
            alarm=newest[row.newest_alarm_id],
        )
        for row in rows
    )
