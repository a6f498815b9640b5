from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.identity import Role
from core.errors import NotFound
from core.store import Store
from core.store.alerts import alarms
from core.store.alerts import threads as alerts
from core.store.identity import users
from tests.support.fakes import START
from tests.support.monitoring import ALARM, MODEL, add_alert, add_run, register_loans
from tests.support.processes import Racers


def test_a_matter_has_one_live_alert(store: Store) -> None:
    register_loans(store)
    with store.begin() as conn:
        add_run(conn, 1)
        add_run(conn, 2)
        alert_id = add_alert(conn)
        second = alarms.of_run(conn, "run-2")[0]
        given: dict[str, Any] = {
            "severity": "act",
            "cause": second,
            "alarms": 1,
            "owner_id": None,
            "at": START,
        }
        assert not alerts.open_alert(conn, alert_id="late", **given)
        alerts.change(conn, alert_id, newest_alarm_id=second.id, alarms=2)
        found = alerts.live_of(conn, MODEL)[ALARM.key]
        assert (found.id, found.alarms, found.alarm, found.first_alarm_id) == (
            alert_id,
            2,
            second,
            "alarm-1-0",
        )
        alerts.change(conn, alert_id, state="closed", closed_at=START)
        assert alerts.live_of(conn, MODEL) == {}
        assert alerts.open_alert(conn, alert_id="again", **given)
        assert [each.id for each in alerts.list_alerts(conn, models=[MODEL])] == [alert_id, "again"]
        assert [each.id for each in alerts.list_alerts(conn, states=["closed"])] == [alert_id]
        assert alerts.list_alerts(conn, models=[]) == ()
        with pytest.raises(NotFound):
            alerts.get(conn, "none")


def test_events_tell_what_happened_and_which_are_news(store: Store) -> None:
    register_loans(store)
    with store.begin() as conn:
        user = users.create(
            conn, user_id="u1", username="wai", display_name="Wai", roles=[Role.admin], at=START
        )
        assert user.id == "u1"
        add_run(conn, 1)
        alert_id = add_alert(conn)
        opened = alerts.add_event(
            conn, alert_id, kind="opened", actor="p", at=START, alarm_id="alarm-1-0", news=True
        )
        said = alerts.add_event(
            conn, alert_id, kind="noted", actor="q", at=START + timedelta(days=1), reason="a\x00b"
        )
        assert alerts.get(conn, alert_id, lock=True).news_id == opened < said
        assert [(each.kind, each.reason) for each in alerts.events(conn, alert_id)] == [
            ("opened", ""),
            ("noted", "a\ufffdb"),
        ]
        assert alerts.get_event(conn, opened).alarm_id == "alarm-1-0"
        assert alerts.count_unread(conn, "u1", None) == 1
        assert alerts.count_unread(conn, "u1", ["cards"]) == 0
        alerts.mark_seen(conn, "u1", opened)
        alerts.mark_seen(conn, "u1", opened - 1)
        assert alerts.seen_until(conn, "u1") == opened
        assert alerts.count_unread(conn, "u1", None) == 0
        alerts.add_event(conn, alert_id, kind="escalated", actor="p", at=START, news=True)
        assert alerts.count_unread(conn, "u1", [MODEL]) == 1
        alerts.change(conn, alert_id, state="snoozed")
        assert alerts.count_unread(conn, "u1", None) == 0


def test_of_four_processes_one_opens_the_alert(
    store: Store, store_url: str, racers: Racers
) -> None:
    register_loans(store)
    with store.begin() as conn:
        add_run(conn, 1)
    opened = racers.run("open_alert", [(store_url, f"alert-{n}") for n in range(racers.count)])
    assert sum(opened) == 1
    with store.read() as conn:
        assert [each.id for each in alerts.list_alerts(conn)] == [f"alert-{opened.index(True)}"]


def test_of_four_processes_one_keeps_the_check(
    store: Store, store_url: str, racers: Racers
) -> None:
    register_loans(store)
    kept = racers.run("keep_check", [(store_url, f"run-{n}") for n in range(racers.count)])
    assert sum(kept) == 1
    with store.read() as conn:
        runs = [alarms.of_run(conn, f"run-{n}") for n in range(racers.count)]
    assert [len(each) for each in runs] == [int(each) for each in kept]


def test_an_alarm_of_another_model_is_another_matter() -> None:
    assert replace(ALARM, model_id="cards").key == ALARM.key  # the index names the model besides
