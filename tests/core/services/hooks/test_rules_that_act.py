"""Rules that suspend a model or roll it back: on behalf of who set them, at once, and recorded."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, StepUpNeeded
from core.services import alerts, hooks
from core.services.alerts import Response
from core.services.serving import rollback
from core.services.serving import state as model_state
from core.services.workspace import Workspace
from core.store import serving
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.serving import StateRecord
from tests.core.services.alerts.test_delivery import ILL
from tests.support.builders import ADMIN
from tests.support.checking import CHECKER, MODEL, Told, check_on
from tests.support.receiving import Receiver

WATCHER = Actor("u-w", "wen", frozenset({Role.compliance}), origin="cli", pseudonym="p-wen")
GRAVE = Told([ILL])


def set_rule(site: Workspace, response: Response | None, actor: Actor = CHECKER) -> str:
    return alerts.set_rule(site, MODEL, "drift", response=response, actor=actor).id


def newest(site: Workspace, kind: str) -> AuditEntry:
    with site.store.read() as conn:
        return audit.list_newest(conn, kind=kind)[0]


def state_file(site: Workspace) -> dict[str, object]:
    path = Path(site.settings.home, "serving", f"{MODEL}.json")
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_rule_suspends_the_model_when_its_alert_opens(either: Workspace) -> None:
    rule = set_rule(either, Response(action="suspend"))
    check_on(either, "2025-01-20", GRAVE)
    state = model_state.read_state(either, MODEL)
    (alert,) = alerts.list_alerts(either, actor=ADMIN).alerts
    assert (state.state, state.changed_by) == ("suspended", f"rule:{rule}")
    assert state.reason == f"Alert {alert.id}: drift industry"
    entry = newest(either, "model.suspended")
    assert (entry.actor, entry.role) == (f"rule:{rule}", "rule")
    assert entry.objects == {"model": MODEL, "rule": rule, "alert": alert.id}
    assert entry.body["rule_set_by"] == "p-cho"
    assert state_file(either)["state"] == "suspended"
    assert newest(either, "alert.rule_set").body["action"] == "suspend"


def test_a_rule_rolls_the_model_back_to_the_version_that_it_names(either: Workspace) -> None:
    rule = set_rule(either, Response(action="rollback", to_version="2"))
    check_on(either, "2025-01-20", GRAVE)
    state = model_state.read_state(either, MODEL)
    assert (state.state, state.serving_version) == ("production", "2")
    entry = newest(either, "model.rolled_back")
    assert (entry.actor, entry.body["before"], entry.body["after"]) == (f"rule:{rule}", "3", "2")
    assert state_file(either)["serving_version"] == "2"
    (change, who), *_ = rollback.version_history(either, MODEL, actor=ADMIN)
    assert (change.changed_by, who) == (f"rule:{rule}", f"rule:{rule}")


def test_a_rule_acts_on_what_is_grave_only(site: Workspace) -> None:
    set_rule(site, Response(action="suspend"))
    check_on(site, "2025-01-20", Told([replace(ILL, severity="watch")]))
    assert not model_state.read_state(site, MODEL).suspended
    check_on(site, "2025-01-21", GRAVE)
    assert model_state.read_state(site, MODEL).suspended


def test_what_can_no_longer_be_done_stops_no_check(site: Workspace) -> None:
    set_rule(site, Response(action="suspend"))
    model_state.suspend(site, MODEL, reason="Before", actor=CHECKER)
    check_on(site, "2025-01-20", GRAVE)
    assert model_state.read_state(site, MODEL).reason == "Before"
    entry = newest(site, "alert.rule_not_carried_out")
    assert "suspended already" in str(entry.body["why"])
    set_rule(site, Response(action="rollback", to_version="1"))
    rollback.rollback(site, MODEL, to="1", reason="Before", actor=CHECKER)
    check_on(site, "2025-01-21", Told())
    check_on(site, "2025-01-22", GRAVE)
    assert "in use already" in str(newest(site, "alert.rule_not_carried_out").body["why"])
    assert len(alerts.list_alerts(site, actor=ADMIN, states=None).alerts) == 2


def test_the_hook_is_told_what_the_rule_did(site: Workspace, receiver: Receiver) -> None:
    hooks.add_hook(site, "Engine", url=receiver.url, actor=ADMIN)
    set_rule(site, Response("Engine", "suspend", action="suspend"))
    check_on(site, "2025-01-20", GRAVE)
    (call,) = hooks.list_calls(site, actor=ADMIN)
    said = json.loads(call.body)
    assert (said["purpose"], said["done"]) == ("suspend", "suspended")
    assert said["state"]["state"] == "suspended"


def test_only_who_may_do_it_themselves_lets_a_rule_do_it(site: Workspace) -> None:
    for response in (
        Response(action="suspend"),
        Response(action="rollback", to_version="1"),
        Response("Engine", "suspend"),
    ):
        with pytest.raises(Forbidden):
            set_rule(site, response, WATCHER)
    assert alerts.list_rules(site, MODEL, actor=ADMIN) == ()
    rule = set_rule(site, Response(action="suspend"))
    with pytest.raises(Forbidden):
        set_rule(site, None, WATCHER)  # when it acts is as much as what it does
    with pytest.raises(Forbidden):
        set_rule(site, Response(), WATCHER)
    with pytest.raises(Forbidden):
        alerts.remove_rule(site, rule, actor=WATCHER)
    browser = replace(CHECKER, origin="web", authenticated_at=site.clock() - timedelta(days=1))
    with pytest.raises(StepUpNeeded):
        set_rule(site, Response(action="suspend"), browser)


def test_a_rule_set_anew_does_what_it_did_unless_told_otherwise(
    site: Workspace, receiver: Receiver
) -> None:
    hooks.add_hook(site, "Engine", url=receiver.url, actor=ADMIN)
    rule = set_rule(site, Response("Engine", "retrain"), WATCHER)
    assert set_rule(site, None, WATCHER) == rule
    found = alerts.list_responses(site, MODEL, actor=WATCHER)
    assert [(each.hook, each.purpose, each.action) for each in found.values()] == [
        ("Engine", "retrain", None)
    ]
    set_rule(site, Response(), WATCHER)
    assert alerts.list_responses(site, MODEL, actor=WATCHER) == {}
    set_rule(site, Response(action="suspend"))
    alerts.remove_rule(site, rule, actor=CHECKER)
    assert newest(site, "alert.rule_removed").body["action"] == "suspend"
    check_on(site, "2025-01-20", GRAVE)
    assert not model_state.read_state(site, MODEL).suspended


@pytest.mark.parametrize(
    "response",
    [
        Response(action="retire"),
        Response(action="suspend", purpose="tease"),
        Response(action="rollback"),
        Response(action="rollback", to_version="9"),
        Response(action="suspend", to_version="1"),
    ],
)
def test_what_no_rule_does(site: Workspace, response: Response) -> None:
    with pytest.raises(InvalidInput):
        set_rule(site, response)


def test_an_alert_that_goes_on_does_nothing_twice(site: Workspace) -> None:
    set_rule(site, Response(action="suspend"))
    check_on(site, "2025-01-20", GRAVE)
    with site.store.begin() as conn:  # two people take it back
        serving.put_state(conn, StateRecord(MODEL, "production", "Mended", site.clock(), "p-lam"))
    check_on(site, "2025-01-21", GRAVE)
    assert not model_state.read_state(site, MODEL).suspended
