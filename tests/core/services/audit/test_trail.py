"""Reading the trail: names from the directory, scope, proofs; exports that a page orders."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound, StorageError
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import export_jobs as audit_export_jobs
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.jobs.tasks import HANDLERS, look_around
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from core.store.identity import users
from tests.core.services.audit.test_verify import tamper
from tests.support.builders import a_workspace

BUSINESS = Actor("u2", "bo", frozenset({Role.business}))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    with opened.store.begin() as conn:
        users.create(
            conn,
            user_id="u-iris",
            username="iris",
            display_name="Iris Lam",
            at=opened.clock(),
            roles=[Role.auditor],
        )
    yield opened
    opened.store.close()


@pytest.fixture
def iris(site: Workspace) -> Actor:
    with site.store.read() as conn:
        return users.get(conn, "u-iris").actor("web")


def note(site: Workspace, who: str, kind: str = "test.done", **objects: str) -> None:
    with site.store.begin() as conn:
        audit.append(
            conn,
            at=site.clock(),
            actor=who,
            role="auditor",
            kind=kind,
            objects=objects,
            body={},
            personal=PersonalPayload("s1", {"name": "x"}) if kind == "personal.revealed" else None,
        )


def test_names_come_from_the_directory_and_scope_limits_what_is_seen(
    site: Workspace, iris: Actor
) -> None:
    note(site, iris.pseudonym, model="loans", prediction="L1")
    note(site, "worker", "other.done", model="other")
    note(site, "p-gone")
    found = audit_trail.entries(site, Search(), actor=iris)
    assert [(each.entry.sequence, each.person) for each in found] == [
        (3, "p-gone"),
        (2, "worker"),
        (1, "Iris Lam"),
    ]
    assert b"Iris" not in found[2].entry.canonical
    by = Search(person=audit_trail.pseudonym_of(site, "IRIS", actor=iris))
    assert [each.entry.sequence for each in audit_trail.entries(site, by, actor=iris)] == [1]
    one = Search(objects={"prediction": "L1"})
    assert [each.entry.sequence for each in audit_trail.entries(site, one, actor=iris)] == [1]
    limited = Actor("u", "u", iris.roles, models=frozenset({"loans"}))
    seen = audit_trail.entries(site, Search(), actor=limited)
    assert [each.entry.sequence for each in seen] == [3, 1]
    with pytest.raises(NotFound, match="no entry 2"):
        audit_trail.detail(site, 2, actor=limited)
    assert audit_trail.kinds(site, actor=iris) == ("other.done", "test.done")
    assert [each.name for each in audit_trail.people(site, actor=iris)] == ["Iris Lam"]
    for ask in (audit_trail.kinds, audit_trail.people, audit_trail.status):
        with pytest.raises(Forbidden):
            ask(site, actor=BUSINESS)


def test_what_tells_of_blind_cases_is_no_secret_to_who_works_on_none(
    site: Workspace, iris: Actor
) -> None:
    note(site, "worker", "review.controls_made")
    assert audit_trail.kinds(site, actor=iris) == ("review.controls_made",)


@pytest.mark.parametrize("case", ["L1", "", "-1", "1" * 40, "²"])
def test_what_is_no_number_of_a_case_finds_nothing(site: Workspace, iris: Actor, case: str) -> None:
    note(site, "worker", model="loans")
    assert audit_trail.entries(site, Search(objects={"case": case}), actor=iris) == ()


def test_an_entry_comes_with_its_proof(site: Workspace, iris: Actor) -> None:
    for number in range(5):
        note(site, "p-1", prediction=f"L{number}")
    before = audit_trail.detail(site, 2, actor=iris)
    assert (before.size, before.checkpoint, before.holds, before.payload) == (5, None, True, "none")
    now = replace(iris, authenticated_at=site.clock())  # it uses a key: who it is was asked
    audit_checkpoints.make_checkpoint(site, actor=now, reason="command")
    note(site, "p-1", "personal.revealed")
    covered = audit_trail.detail(site, 2, actor=iris)
    assert covered.checkpoint is not None
    assert (covered.size, covered.root, covered.holds) == (5, covered.checkpoint.root, True)
    assert audit_trail.detail(site, 6, actor=iris).payload == "kept"
    state = audit_trail.status(site, actor=iris)
    assert (state.size, state.uncovered) == (6, 1)
    assert state.anchor.last_size == 5
    with pytest.raises(NotFound):
        audit_trail.detail(site, 7, actor=iris)
    tamper(site, "UPDATE audit_entry SET canonical = CAST(replace(canonical, 'L1', 'L9') AS BLOB)")
    assert not audit_trail.detail(site, 2, actor=iris).holds
    tamper(site, "DELETE FROM audit_node WHERE level = 1")
    with pytest.raises(StorageError, match="lacks a hash"):
        audit_trail.detail(site, 1, actor=iris)


def test_of_an_erased_person_the_payload_is_erased(site: Workspace, iris: Actor) -> None:
    note(site, "p-1", "personal.revealed")
    note(site, "p-1")
    assert audit_trail.detail(site, 1, actor=iris).payload == "kept"
    assert audit_trail.detail(site, 2, actor=iris).payload == "none"
    with site.store.begin() as conn:
        subjects.destroy(conn, "s1")
    assert audit_trail.detail(site, 1, actor=iris).payload == "erased"


def test_an_entry_about_a_user_gives_the_name(site: Workspace, iris: Actor) -> None:
    note(site, "worker", user=iris.user_id, model=iris.user_id)
    (found,) = audit_trail.entries(site, Search(), actor=iris)
    assert found.about == {"user": "Iris Lam", "model": iris.user_id}
    assert audit_trail.detail(site, 1, actor=iris).about == found.about


def test_an_empty_trail_has_a_status(site: Workspace, iris: Actor) -> None:
    state = audit_trail.status(site, actor=iris)
    assert (state.size, state.newest_at, state.checkpoint, state.uncovered) == (0, None, None, 0)
    assert state.anchor.same_disk


def test_a_page_orders_an_export_and_only_its_reader_gets_it(site: Workspace, iris: Actor) -> None:
    note(site, "p-1", prediction="L1")
    note(site, "p-2", prediction="L2")
    search = Search(person="p-1", since=site.clock() - timedelta(days=1))
    ticket = audit_export_jobs.order_export(site, search, actor=iris)
    assert not audit_export_jobs.order_export(site, search, actor=iris).created
    with site.store.read() as conn:
        (order,) = audit.list_newest(conn, kind="audit.export_ordered")
    assert dict(order.objects) == {"job": ticket.id}
    assert dict(order.body) == {"narrowed_by": ["person", "since"]}
    job = audit_export_jobs.newest_export(site, actor=iris)
    assert job is not None
    assert (job.id, job.state) == (ticket.id, "queued")
    assert audit_export_jobs.hand_over(site, job, actor=iris) is None
    with site.store.begin() as conn:
        jobs.claim(conn, owner="w", at=site.clock(), lease=timedelta(minutes=1))
    result = HANDLERS[audit_export_jobs.EXPORT_JOB](site, job, lambda _share, _note: None)
    assert (result["entries"], result["whole"]) == (1, False)
    with site.store.begin() as conn:
        jobs.finish(conn, job.id, owner="w", result=result, at=site.clock())
    done = audit_export_jobs.newest_export(site, actor=iris)
    assert done is not None
    made = audit_export_jobs.hand_over(site, done, actor=iris)
    assert made is not None
    with zipfile.ZipFile(site.settings.exports_dir / made.record.path) as archive:
        assert b"L1" in archive.read("entries.jsonl")
        assert b"L2" not in archive.read("entries.jsonl")
    other = Actor("u3", "kim", iris.roles, pseudonym="p-3")
    assert audit_export_jobs.newest_export(site, actor=other) is None
    assert audit_export_jobs.hand_over(site, done, actor=other) is None
    late = Workspace(site.settings, site.store, lambda: site.clock() + timedelta(days=2))
    assert audit_export_jobs.remove_old_exports(late) == 1
    assert audit_export_jobs.hand_over(site, done, actor=iris) is None


def test_an_export_is_made_with_the_rights_that_its_reader_has_then(
    site: Workspace, iris: Actor
) -> None:
    audit_export_jobs.order_export(site, Search(), actor=iris)
    job = audit_export_jobs.newest_export(site, actor=iris)
    assert job is not None
    with site.store.begin() as conn:
        users.set_roles(conn, iris.user_id, [Role.business])
    with pytest.raises(Forbidden):
        audit_export_jobs.export_job(site, job, lambda _share, _note: None)


def test_the_idle_worker_signs(site: Workspace, iris: Actor) -> None:
    note(site, "p-1")
    look_around(site)
    assert audit_trail.status(site, actor=iris).uncovered == 0
