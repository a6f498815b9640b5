"""How the alarms of a check move alerts: opened, gone on with, woken, made more serious, closed.

An alert follows one matter of one model. It opens when as many checks in a row raised the matter
as its rule's patience says, and closes when as many in a row looked at it and found it well. Checks
of the same moment count as one. A check of older knowledge than the newest one moves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection

from core.services.alerts.acting import Occasion, respond
from core.services.alerts.kinds import FOR_THE_OWNER
from core.services.alerts.sending import send_later
from core.services.workspace import Workspace
from core.store.alerts import alarms, checks
from core.store.alerts import rules as alert_rules
from core.store.alerts import threads as alerts
from core.store.alerts.alarms import Alarm, keys_of
from core.store.alerts.checks import CheckRun
from core.store.alerts.rules import AlertRule
from core.store.alerts.threads import Alert
from core.store.identity import assignments

_RANK = {"watch": 1, "act": 2}
_MOST_RUNS = 500


@dataclass(frozen=True, slots=True)
class Advanced:
    """The alerts that a check opened and closed."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _History:
    """Which alarms the newest checks raised, and what they looked at; the newest first."""

    runs: tuple[CheckRun, ...]
    raised: dict[str, frozenset[str]]

    def kinds(self, matter: str) -> frozenset[str]:
        """Return the kinds of alarms that a matter had when it was raised last."""
        keys = keys_of(matter)
        for said in self._moments(keys):
            found = frozenset(kind for kind, raised in said.items() if raised)
            if found:
                return found
        return frozenset(keys)

    def streak(self, matter: str, kinds: frozenset[str], *, raised: bool) -> int:
        """Return how many moments in a row a matter was raised, or was looked at and not raised.

        A moment at which nobody raised it counts only if all of ``kinds`` were looked at.
        """
        count = 0
        for said in self._moments(keys_of(matter)):
            if not any(said.values()) and not kinds <= said.keys():
                continue
            if any(said.values()) is not raised:
                break
            count += 1
        return count

    def _moments(self, keys: Mapping[str, str]) -> Iterator[dict[str, bool]]:
        """Yield per moment: kind → whether the newest check that looked at it raised it."""
        for _, runs in groupby(self.runs, lambda run: run.as_of):
            said: dict[str, bool] = {}
            for run in runs:
                for kind in keys.keys() & set(run.sources):
                    said.setdefault(kind, keys[kind] in self.raised.get(run.id, frozenset()))
            yield said


@dataclass(slots=True)
class _Step:
    """One check moving the alerts of its model, within the transaction that stores it."""

    workspace: Workspace
    conn: Connection
    run: CheckRun
    by: str
    history: _History
    rules: tuple[AlertRule, ...]
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def raise_(self, alarm: Alarm, live: Alert | None) -> None:
        """Open an alert for the gravest alarm of a matter, or go on with the live one."""
        rule, severity = _rule(self.rules, alarm), _severity(self.rules, alarm)
        if live is not None:
            self._go_on(live, alarm, severity, rule)
            return
        kinds = self.history.kinds(alarm.matter)
        streak = max(1, self.history.streak(alarm.matter, kinds, raised=True))
        if streak >= (rule.patience if rule else 1):
            self._open(alarm, severity, streak, rule)

    def heal(self, live: Alert) -> None:
        """Close an alert whose matter has been well for as long as its rule's patience says."""
        rule = _rule(self.rules, live.alarm)
        kinds = self.history.kinds(live.key)
        well = self.history.streak(live.key, kinds, raised=False)
        if not kinds & set(self.run.sources) or well < (rule.patience if rule else 1):
            return
        now = self.run.finished_at
        alerts.change(
            self.conn, live.id, state="closed", changed_at=now, closed_at=now, snoozed_until=None
        )
        self._tell(live.id, "healed", live.severity, None)
        self.closed.append(live.id)

    def _open(self, alarm: Alarm, severity: str, streak: int, rule: AlertRule | None) -> None:
        alert_id = self.workspace.new_id()
        is_new = alerts.open_alert(
            self.conn,
            alert_id=alert_id,
            severity=severity,
            cause=alarm,
            alarms=streak,
            owner_id=self._owner(rule, alarm),
            at=self.run.finished_at,
        )
        if is_new:
            event_id = self._tell(alert_id, "opened", severity, alarm)
            self._respond(rule, Occasion(alert_id, event_id, "opened", severity, alarm))
            self.opened.append(alert_id)

    def _owner(self, rule: AlertRule | None, alarm: Alarm) -> str | None:
        """Return whom the rule names; else the model's owner, for what is theirs to look at."""
        if rule is not None and rule.owner_id is not None:
            return rule.owner_id
        if alarm.kind not in FOR_THE_OWNER:
            return None
        people = assignments.list_assignments(self.conn, model_id=alarm.model_id)
        return next((each.user_id for each in people if each.kind == "owner"), None)

    def _go_on(self, live: Alert, alarm: Alarm, severity: str, rule: AlertRule | None) -> None:
        values: dict[str, object] = {
            "newest_alarm_id": alarm.id,
            "alarms": live.alarms + 1,
            "severity": severity,
            "changed_at": self.run.finished_at,
        }
        news = None
        until = live.snoozed_until
        if _RANK[severity] > _RANK[live.severity]:
            news = "escalated"
        elif live.state == "snoozed" and until is not None and until <= self.run.finished_at:
            news = "woken"
        if news is not None:
            values |= {"state": "open", "snoozed_until": None}
        alerts.change(self.conn, live.id, **values)
        if news is not None:
            event_id = self._tell(live.id, news, severity, alarm)
            if news == "escalated":
                self._respond(rule, Occasion(live.id, event_id, news, severity, alarm))

    def _respond(self, rule: AlertRule | None, occasion: Occasion) -> None:
        if rule is not None:
            respond(self.workspace, self.conn, rule, occasion)

    def _tell(self, alert_id: str, kind: str, severity: str, alarm: Alarm | None) -> int:
        event_id = alerts.add_event(
            self.conn,
            alert_id,
            kind=kind,
            actor=self.by,
            at=self.run.finished_at,
            alarm_id=alarm.id if alarm else None,
            news=True,
        )
        send_later(self.workspace, self.conn, event_id, self.run.model_id, severity)
        return event_id


def advance(
    workspace: Workspace, conn: Connection, run: CheckRun, raised: Sequence[Alarm], *, by: str
) -> Advanced:
    """Move the alerts of a model by a check just stored, in the same transaction.

    Parameters
    ----------
    workspace : Workspace
        Where.
    conn : Connection
        Of ``Store.begin()``, with the model locked.
    run : CheckRun
        The check.
    raised : sequence of Alarm
        Its alarms.
    by : str
        Under which pseudonym it was made.
    """
    runs = checks.list_runs(conn, run.model_id, limit=_MOST_RUNS)
    if runs and runs[0].as_of > run.as_of:
        return Advanced()
    ordered = (run, *(each for each in runs if each.id != run.id))
    history = _History(ordered, alarms.keys_by_run(conn, [each.id for each in ordered]))
    rules = alert_rules.list_rules(conn, run.model_id)
    step = _Step(workspace, conn, run, by, history, rules)
    live = alerts.live_of(conn, run.model_id)
    ordered_alarms = sorted(raised, key=lambda each: (_RANK[_severity(rules, each)], each.far_out))
    told = [each for each in ordered_alarms if (rule := _rule(rules, each)) is None or rule.enabled]
    worst = {alarm.matter: alarm for alarm in told}
    for matter, alarm in worst.items():
        step.raise_(alarm, live.get(matter))
    for matter in live.keys() - {alarm.matter for alarm in raised}:
        step.heal(live[matter])
    return Advanced(tuple(step.opened), tuple(step.closed))


def _severity(rules: Sequence[AlertRule], alarm: Alarm) -> str:
    rule = _rule(rules, alarm)
    return (rule.severity if rule else None) or alarm.severity


def _rule(rules: Sequence[AlertRule], alarm: Alarm) -> AlertRule | None:
    """Return the most particular rule for an alarm; rules come in that order."""
    return next(
        (rule for rule in rules if rule.fits(alarm.kind, alarm.method, alarm.column, alarm.slice)),
        None,
    )
