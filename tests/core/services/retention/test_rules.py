"""Retention rules and holds: set by who may, shown with what contradicts, kept in the trail."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.domain.retention import Contradiction, Grade
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.erasure import asking as erasure
from core.services.retention import holds
from core.services.retention import rules as retention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import FIRST, VIEWER
from tests.support.erasing import PERSON, a_peopled_workspace, people

AUDITOR = Actor("u-aud", "aud", frozenset({Role.auditor}), origin="cli")
ELSEWHERE = Actor(
    "u-far", "far", frozenset({Role.compliance_lead}), models=frozenset({"other"}), origin="cli"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


@pytest.fixture
def lead(site: Workspace) -> Actor:
    return people(site)["lydia"]


def line(site: Workspace, name: str) -> retention.RetentionLine:
    table = retention.retention_table(site, actor=AUDITOR)
    return next(each for each in table if each.rule.record_class == name)


def test_rules_are_as_shipped_until_somebody_sets_them(site: Workspace, lead: Actor) -> None:
    assert line(site, "refusal_log").rule.grade is Grade.verified
    assert line(site, "personal_data").contradictions == (Contradiction.no_maximum,)
    retention.set_rule(
        site, "personal_data", minimum_days=None, maximum_days=400, basis="policy 3", actor=lead
    )
    found = line(site, "personal_data")
    assert (found.rule.maximum_days, found.rule.grade, found.reasons) == (400, Grade.own, ())
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="retention.set")
    assert entry.body["after"] == {"minimum": None, "maximum": 400}
    assert entry.actor == lead.audit_name


def test_what_is_due_is_counted_and_what_is_held_is_told(site: Workspace, lead: Actor) -> None:
    # The log has a row every three hours from FIRST: 100 of its rows lie in the first 300 hours.
    age = site.clock() - (FIRST + timedelta(hours=300))
    days = age.days
    retention.set_rule(
        site, "personal_data", minimum_days=None, maximum_days=days, basis="p", actor=lead
    )
    (due,) = retention.due_rows(site, actor=AUDITOR)
    rest = (age - timedelta(days=days)) / timedelta(hours=3)
    assert 100 <= due.rows <= 100 + rest + 1
    assert (due.stream, due.held, due.oldest) == ("predictions", False, FIRST)
    hold = holds.place_hold(site, actor=lead, reason="case 2", model="loans")
    assert line(site, "personal_data").contradictions == (Contradiction.held_past_maximum,)
    assert line(site, "personal_data").holds == 1
    holds.lift_hold(site, hold.id, actor=lead, reason="closed")
    assert line(site, "personal_data").contradictions == ()


def test_wrong_rules_are_refused(site: Workspace, lead: Actor) -> None:
    for name, low, basis in (("nothing", 1, "x"), ("export", -1, "x"), ("export", 1, " ")):
        with pytest.raises(InvalidInput):
            retention.set_rule(
                site, name, minimum_days=low, maximum_days=None, basis=basis, actor=lead
            )
    with pytest.raises(Forbidden):
        retention.set_rule(
            site, "export", minimum_days=1, maximum_days=None, basis="x", actor=AUDITOR
        )
    for read in (retention.retention_table, retention.due_rows, holds.list_holds):
        with pytest.raises(Forbidden):
            read(site, actor=VIEWER)


def test_a_hold_keeps_a_pseudonym_and_no_reference(site: Workspace, lead: Actor) -> None:
    hold = holds.place_hold(site, actor=lead, reason="case 1", subject=PERSON)
    assert hold.subject_id == site.keys.subject_id(PERSON)
    assert PERSON not in repr(holds.list_holds(site, actor=AUDITOR))
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="hold.placed")
    assert entry.objects == {"hold": hold.id, "subject": hold.subject_id}
    assert b"case 1" not in entry.canonical
    holds.lift_hold(site, hold.id, actor=lead, reason="closed")
    with pytest.raises(Conflict):
        holds.lift_hold(site, hold.id, actor=lead, reason="again")
    with pytest.raises(NotFound):
        holds.lift_hold(site, "none", actor=lead, reason="x")
    assert holds.list_holds(site, actor=AUDITOR, in_force=True) == ()


def test_wrong_holds_are_refused(site: Workspace, lead: Actor) -> None:
    for named in ({}, {"record_class": "nothing"}):
        with pytest.raises(InvalidInput):
            holds.place_hold(site, actor=lead, reason="case 1", **named)
    for reason in (" ", f"about {PERSON}"):
        with pytest.raises(InvalidInput):
            holds.place_hold(site, actor=lead, reason=reason, subject=PERSON)
    with pytest.raises(NotFound):
        holds.place_hold(site, actor=lead, reason="case 1", model="none")
    with pytest.raises(Forbidden):
        holds.place_hold(site, actor=AUDITOR, reason="case 1", model="loans")


def test_scope_limits_what_is_seen_and_done(site: Workspace, lead: Actor) -> None:
    hold = holds.place_hold(site, actor=lead, reason="case 1", model="loans")
    assert holds.list_holds(site, actor=ELSEWHERE) == ()
    with pytest.raises(NotFound):
        holds.lift_hold(site, hold.id, actor=ELSEWHERE, reason="x")
    assert retention.due_rows(site, actor=ELSEWHERE) == ()
    assert erasure.preview(site, PERSON, actor=ELSEWHERE).touches == ()
    with pytest.raises(NotFound):
        erasure.preview(site, PERSON, actor=ELSEWHERE, model="loans")
    with pytest.raises(InvalidInput):
        erasure.propose_erasure(site, PERSON, basis="request", actor=ELSEWHERE)
