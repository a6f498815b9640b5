"""What people do with alerts, who may, and what stays on record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.domain.windows import Chunk
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services import alerts as services
from core.services.checks import NewAlarm
from core.services.identity import people, users
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, FIRST, VIEWER
from tests.support.checking import CHECKER, MODEL, Told, a_fed_workspace, check_on
from tests.support.fakes import FakeClock

ILL = NewAlarm(
    "drift",
    "act",
    Chunk(0, "2025-01", FIRST, FIRST.replace(month=2)),
    method="psi",
    column="industry",
    effect=0.4,
)
ELSEWHERE = replace(CHECKER, models=frozenset({"cards"}))
LIMITED = replace(CHECKER, jurisdictions=frozenset({"HK"}))


@pytest.fixture
def site(tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = replace(a_fed_workspace(tmp_path / "home"), clock=clock)
    check_on(opened, "2025-01-20", Told([ILL]))
    yield opened
    opened.store.close()


def the_alert(site: Workspace) -> str:
    (found,) = services.list_alerts(site, actor=CHECKER).alerts
    return found.id


def newest_entry(site: Workspace, kind: str) -> audit.AuditEntry:
    with site.store.read() as conn:
        return audit.list_newest(conn, kind=kind)[0]


def test_each_step_is_an_event_and_an_entry(site: Workspace) -> None:
    alert = the_alert(site)
    add(site, "wai", Role.data_scientist)
    assert services.acknowledge(site, alert, reason=" Seen ", actor=CHECKER).state == "acknowledged"
    assert newest_entry(site, "alert.acknowledged").body == {
        "reason": "Seen",
        "before": "open",
        "state": "acknowledged",
    }
    owner = services.assign(site, alert, username="wai", reason="Yours", actor=CHECKER).owner_id
    assert newest_entry(site, "alert.assigned").body["owner_id"] == owner
    until = site.clock().date().isoformat()
    found = services.snooze(site, alert, until=until, reason="Known", actor=CHECKER)
    assert found.snoozed_until is not None
    assert found.snoozed_until.isoformat() == "2026-01-05T15:59:59.999999+00:00"  # Hong Kong's day
    closed = services.close(site, alert, reason="Was a test", actor=CHECKER)
    assert (closed.state, closed.closed_at, closed.snoozed_until) == ("closed", site.clock(), None)
    story = services.story(site, alert, actor=VIEWER)
    assert [(each.kind, each.reason) for each in story.events] == [
        ("opened", ""),
        ("acknowledged", "Seen"),
        ("assigned", "Yours"),
        ("snoozed", "Known"),
        ("closed", "Was a test"),
    ]
    assert (story.owner, list(story.owners)) == ("wai", ["wai"])
    assert [each.effect for each in story.alarms] == [0.4]
    assert newest_entry(site, "alert.closed").objects == {"model": MODEL, "alert": alert}


def test_what_cannot_be_is_refused_and_nothing_written(site: Workspace) -> None:
    alert = the_alert(site)
    with pytest.raises(InvalidInput, match="reason"):
        services.acknowledge(site, alert, reason=" ", actor=CHECKER)
    with pytest.raises(InvalidInput, match="future"):
        services.snooze(site, alert, until="2026-01-04", reason="x", actor=CHECKER)
    with pytest.raises(NotFound, match="may see to"):
        services.assign(site, alert, username="bo", reason="x", actor=CHECKER)
    services.acknowledge(site, alert, reason="Seen", actor=CHECKER)
    with pytest.raises(Conflict, match="already"):
        services.acknowledge(site, alert, reason="Seen", actor=CHECKER)
    services.close(site, alert, reason="Done", actor=CHECKER)
    with pytest.raises(Conflict, match="is closed"):
        services.close(site, alert, reason="Done", actor=CHECKER)
    assert len(services.story(site, alert, actor=CHECKER).events) == 3


def test_a_closed_matter_that_goes_on_opens_anew(site: Workspace) -> None:
    services.close(site, the_alert(site), reason="Done", actor=CHECKER)
    check_on(site, "2025-01-21", Told([ILL]))
    board = services.list_alerts(site, actor=CHECKER)
    assert [each.state for each in board.alerts] == ["open", "closed"]
    with pytest.raises(NotFound):
        services.list_alerts(site, actor=CHECKER, model_id="none")


def test_only_who_may_and_sees_all_rows_of_the_model(site: Workspace) -> None:
    alert = the_alert(site)
    with pytest.raises(Forbidden):
        services.acknowledge(site, alert, reason="x", actor=VIEWER)
    for stranger in (ELSEWHERE, LIMITED):
        with pytest.raises((NotFound, Forbidden)):
            services.close(site, alert, reason="x", actor=stranger)
        with pytest.raises((NotFound, Forbidden)):
            services.story(site, alert, actor=stranger)
    assert services.list_alerts(site, actor=ELSEWHERE).alerts == ()
    with pytest.raises(Forbidden, match="jurisdictions"):
        services.list_alerts(site, actor=LIMITED)
    assert services.unread(site, actor=LIMITED) == services.unread(site, actor=ELSEWHERE) == 0


def test_what_was_seen_is_not_counted_again(site: Workspace) -> None:
    wai, lee = add(site, "wai", Role.business), add(site, "lee", Role.auditor)
    board = services.list_alerts(site, actor=wai)
    assert services.unread(site, actor=wai) == 1
    assert board.is_new(board.alerts[0])
    services.mark_seen(site, board, actor=wai)
    assert (services.unread(site, actor=wai), services.unread(site, actor=lee)) == (0, 1)
    again = services.list_alerts(site, actor=wai)
    assert not again.is_new(again.alerts[0])


def test_rules_are_checked_and_on_record(site: Workspace) -> None:
    for wrong in ({"kind": "x"}, {"severity": "x"}, {"slice_": "sex=f"}, {"patience": 0}):
        with pytest.raises(InvalidInput):
            services.set_rule(site, MODEL, actor=CHECKER, **wrong)
    rule = services.set_rule(site, MODEL, "drift", slice_="industry=IT", patience=2, actor=CHECKER)
    assert services.list_rules(site, MODEL, actor=VIEWER) == (rule,)
    assert newest_entry(site, "alert.rule_set").body["patience"] == 2
    with pytest.raises(NotFound):
        services.remove_rule(site, rule.id, actor=ELSEWHERE)
    services.remove_rule(site, rule.id, actor=CHECKER)
    assert services.list_rules(site, MODEL, actor=VIEWER) == ()
    assert newest_entry(site, "alert.rule_removed").objects["rule"] == rule.id


def add(site: Workspace, name: str, role: Role) -> Actor:
    """Add a person, and return them as they act in a browser."""
    users.add_user(site, name, roles=[role], display_name=name, actor=ADMIN)
    return users.actor_for(site, people.find_person(site, name, actor=ADMIN).id)
