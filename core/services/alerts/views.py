"""Reading alerts: the list, the story of one, and how many are new to a reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.alerts.kinds import KINDS
from core.services.alerts.manage import of_scope
from core.services.alerts.rules import may_own
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.alerts.alarms import Alarm
from core.store.alerts.threads import Alert, AlertEvent
from core.store.identity import users

_ORDER = {"open": 0, "acknowledged": 1, "snoozed": 2, "closed": 3}
_SERIOUS = {"act": 0, "watch": 1}
_RANK = {kind: place for place, kind in enumerate(KINDS)}
_MOST_ALARMS = 100


@dataclass(frozen=True, slots=True)
class Board:
    """Alerts as a reader meets them.

    Parameters
    ----------
    alerts : tuple of Alert
        Open ones first, then what is most serious, then by kind in the order of
        :data:`core.services.alerts.kinds.KINDS`, then what harms the model most; closed ones last,
        the newest first.
    owners : mapping of str to str
        User id → name.
    seen : int
        The newest event that the reader had seen before.
    """

    alerts: tuple[Alert, ...]
    owners: Mapping[str, str]
    seen: int

    def is_new(self, alert: Alert) -> bool:
        """Whether the reader has not seen the newest of an alert yet."""
        return alert.state == "open" and alert.news_id > self.seen


@dataclass(frozen=True, slots=True)
class Story:
    """One alert with all that happened.

    Parameters
    ----------
    alert : Alert
        The alert.
    events : tuple of AlertEvent
        What happened, the oldest first.
    alarms : tuple of Alarm
        Of its matter, the newest first, from the one on that opened it.
    people : mapping of str to str
        Pseudonym → name.
    owners : mapping of str to str
        User name → name of those who may see to it.
    owner : str
        Name of who sees to it; empty for nobody.
    """

    alert: Alert
    events: tuple[AlertEvent, ...]
    alarms: tuple[Alarm, ...]
    people: Mapping[str, str]
    owners: Mapping[str, str]
    owner: str


def list_alerts(
    workspace: Workspace,
    *,
    actor: Actor,
    model_id: str | None = None,
    states: Iterable[str] | None = None,
    limit: int = 200,
) -> Board:
    """Return the alerts in the actor's scope, open ones first.

    Alarms are of rows of all jurisdictions: whoever sees some only sees none of them.

    Raises
    ------
    NotFound
        If the model is not in the actor's scope.
    Forbidden
        If the actor may not, or sees rows of some jurisdictions only.
    """
    access.require(actor, Permission.alert_view, model=model_id)
    access.require_every_jurisdiction(actor)
    scope = actor.models
    with workspace.store.read() as conn:
        if model_id is not None:
            scope = frozenset({models.get(conn, model_id).id})
        found = alerts.list_alerts(conn, models=scope, states=states, limit=limit)
        owners = users.names_by_id(conn, {each.owner_id for each in found if each.owner_id})
        seen = alerts.seen_until(conn, actor.user_id)
    return Board(tuple(sorted(found, key=_place)), owners, seen)


def _place(found: Alert) -> tuple[int, int, int, float]:
    """Return where an alert stands in a list; alerts that tie keep their order."""
    if not found.live:
        return _ORDER[found.state], 0, 0, 0.0
    rank = _RANK.get(found.alarm.kind, len(_RANK))
    return _ORDER[found.state], _SERIOUS[found.severity], rank, -found.alarm.harm


def story(workspace: Workspace, alert_id: str, *, actor: Actor) -> Story:
    """Return all that is known of one alert.

    Raises
    ------
    NotFound
        If there is none of that id in the actor's scope.
    Forbidden
        If the actor may not, or sees rows of some jurisdictions only.
    """
    access.require(actor, Permission.alert_view)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        found = of_scope(conn, alert_id, actor)
        events = alerts.events(conn, alert_id)
        since = alarms.get(conn, found.first_alarm_id).as_of
        history = alarms.of_matter(conn, found.model_id, found.key, since=since, limit=_MOST_ALARMS)
        people = users.names_by_pseudonym(conn, {each.actor for each in events})
        everybody = users.list_users(conn)
    owner = next((each for each in everybody if each.id == found.owner_id), None)
    return Story(
        found,
        events,
        history,
        people,
        {
            each.username: each.display_name or each.username
            for each in everybody
            if may_own(each, found.model_id)
        },
        (owner.display_name or owner.username) if owner else "",
    )


def unread(workspace: Workspace, *, actor: Actor) -> int:
    """Return how many open alerts have news that the actor has not seen."""
    access.require(actor, Permission.alert_view)
    if actor.jurisdictions is not None:
        return 0
    with workspace.store.read() as conn:
        return alerts.count_unread(conn, actor.user_id, actor.models)


def unchecked(workspace: Workspace, *, actor: Actor) -> tuple[str, ...]:
    """Return the models in the actor's scope of which no check could raise an alert yet.

    They have predictions, but the worker has not come round to them since the first were stored.
    """
    access.require(actor, Permission.alert_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        return checks.unchecked(conn, actor.models)


def mark_seen(workspace: Workspace, board: Board, *, actor: Actor) -> None:
    """Note that the actor has seen a list of alerts."""
    access.require(actor, Permission.alert_view)
    newest = max((each.news_id for each in board.alerts), default=0)
    if newest > board.seen:
        with workspace.store.begin() as conn:
            alerts.mark_seen(conn, actor.user_id, newest)
