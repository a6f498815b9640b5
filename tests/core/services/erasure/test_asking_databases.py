"""Erasure on both databases: what counts is the same, and what cannot be reached is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import doctor
from core.services.audit import verify as audit_verify
from core.services.erasure.report import ENTRIES_LEFT, LEFT, remarks
from core.services.workspace import Workspace
from core.store import serving, watches
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from core.store.retention import cleanse, text_search
from core.store.retention import rules as retention
from core.store.retention.rules import StoredRule
from core.store.serving import StateRecord
from tests.core.services.erasure.test_asking import hits
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, SECRET, a_peopled_workspace, erase, people


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    yield opened
    opened.store.close()


def test_the_person_is_in_no_store(site: Workspace) -> None:
    _, report = erase(site, people(site))
    assert report["database"]["database"] == site.store.dialect
    assert report["database"]["log_cut"] is (site.store.dialect == "sqlite")
    assert hits(site.settings.home) == []
    with site.store.read() as conn:
        assert text_search.find(conn, PERSON) == {}
        assert text_search.find(conn, SECRET) == {}
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    assert audit_verify.verify(site, actor=ADMIN).passed


def test_what_stands_in_the_trail_is_told(site: Workspace) -> None:
    """Whoever wrote the reference into an entry, or about somebody else, cannot take it back."""
    written: list[int] = []
    for body, personal in (
        ({"reason": f'the "case" of {PERSON.lower()}, again'}, None),
        ({"reason": f"{PERSON}-2 and X{PERSON} are others"}, None),
        ({}, PersonalPayload("somebody else", {"reason": f"as with {PERSON}"})),
    ):
        with site.store.begin() as conn:
            written.append(
                audit.append(
                    conn,
                    at=site.clock(),
                    actor="p-1",
                    role="compliance",
                    kind="model.suspended",
                    objects={"model": "loans"},
                    body=body,
                    personal=personal,
                )
            )
    _, report = erase(site, people(site))
    assert report["texts_left"] == {"audit_entry": 1, "audit_payload": 1}
    assert report["entries_left"] == [written[0], written[2]]
    told = [each for each in remarks(report) if each.message in {LEFT, ENTRIES_LEFT}]
    assert [dict(each.params) for each in told] == [
        {"count": 1, "table": "audit_entry"},
        {"count": 1, "table": "audit_payload"},
        {"entries": f"{written[0]}, {written[2]}"},
    ]
    with site.store.read() as conn:
        assert text_search.find(conn, PERSON) == {"audit_entry": 1, "audit_payload": 1}


def test_no_table_keeps_what_its_rows_held_before(site: Workspace) -> None:
    """Each table that a reference is taken out of is written anew, not only marked as free."""
    tables = frozenset(cleanse.TABLES)
    with site.store.begin() as conn:
        serving.put_state(
            conn,
            StateRecord("loans", "suspended", f"Errors with {PERSON}", site.clock(), "p-1"),
        )
        retention.put(
            conn, StoredRule("export", 1, 2, f"as asked by {PERSON}", site.clock(), "p-1")
        )
        watches.add(
            conn,
            watch_id="w1",
            model_id="loans",
            stream="predictions",
            folder=f"/in/{PERSON}",
            pattern="*.csv",
            actor="p-1",
            at=site.clock(),
        )
    before = _places(site, tables)
    _, report = erase(site, people(site))
    assert {"model_state", "retention_rule", "watch"} <= report["texts_mended"].keys()
    with site.store.read() as conn:
        assert text_search.find(conn, PERSON) == {}
    assert hits(site.settings.home) == []
    if site.store.dialect == "postgresql":
        after = _places(site, tables)
        assert {name for name in tables if after[name] == before[name]} == set()
        assert report["database"]["vacuumed"] == len(tables)


def _places(site: Workspace, tables: frozenset[str]) -> dict[str, int]:
    """Return in which file of PostgreSQL each table lies; VACUUM FULL gives it a new one."""
    if site.store.dialect != "postgresql":
        return {}
    with site.store.read() as conn:
        rows = conn.exec_driver_sql("SELECT relname, pg_relation_filenode(oid) FROM pg_class")
        return {name: place for name, place in rows.fetchall() if name in tables}
