"""What an examiner opens is on record before it is shown, and tells nothing of what was typed."""

from dataclasses import replace

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden
from core.services.examiner.views import VIEWED, View, is_watched, note_view, own_views
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from tests.support.demo_slices import SBA
from tests.support.explained import Explained


def newest(world: Explained) -> AuditEntry:
    with world.workspace.store.read() as conn:
        (found,) = audit.list_newest(conn, kind=VIEWED, limit=1)
    return found


def auditor(world: Explained) -> Actor:
    return world.people[Role.auditor]


def test_a_page_is_on_record_with_what_was_chosen(world: Explained) -> None:
    view = View("drift", SBA, filters={"version": "1", "first": "2006-01-01"})
    assert note_view(world.workspace, view, actor=auditor(world))
    entry = newest(world)
    assert (entry.actor, entry.objects) == (auditor(world).audit_name, {"model": SBA})
    assert entry.body == {"page": "drift", "version": "1", "first": "2006-01-01"}


def test_a_decision_is_named_where_the_log_has_it(world: Explained) -> None:
    view = View("decision", SBA, world.best())
    note_view(world.workspace, view, actor=auditor(world))
    entry = newest(world)
    assert entry.objects["prediction"] == world.best()
    key = world.workspace.keys.mac("dossier prediction", f"{SBA}/{world.best()}")
    assert entry.body == {"page": "decision", "key": key}
    (seen,) = own_views(world.workspace, actor=auditor(world), limit=1)
    assert (seen.page, seen.model_id) == ("decision", SBA)
    assert seen.about["prediction"] == world.best()


def test_what_was_typed_and_is_no_decision_is_kept_by_its_hash_alone(world: Explained) -> None:
    note_view(world.workspace, View("decision", SBA, "Chan Tai Man"), actor=auditor(world))
    entry = newest(world)
    assert b"Chan" not in entry.canonical
    assert len(str(entry.body["key"])) == 64


def test_numbers_of_cases_are_kept_and_nothing_else_in_their_place(world: Explained) -> None:
    view = View("case", objects={"case": "12", "request": "Chan Tai Man"})
    note_view(world.workspace, view, actor=auditor(world))
    assert newest(world).objects == {"case": "12"}


def test_others_leave_no_trace_and_who_is_an_examiner_besides_does(world: Explained) -> None:
    with world.workspace.store.read() as conn:
        before = audit.size(conn)
    for role in set(Role) - {Role.auditor}:
        assert not note_view(world.workspace, View("drift", SBA), actor=world.people[role])
    with world.workspace.store.read() as conn:
        assert audit.size(conn) == before
    both = replace(auditor(world), roles=frozenset({Role.auditor, Role.admin}))
    assert is_watched(both)
    assert note_view(world.workspace, View("drift", SBA), actor=both)


def test_only_who_may_see_the_room_lists_views(world: Explained) -> None:
    assert own_views(world.workspace, actor=world.people[Role.compliance_lead]) == ()
    with pytest.raises(Forbidden):
        own_views(world.workspace, actor=world.people[Role.compliance])
