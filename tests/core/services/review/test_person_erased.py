"""An erased person is gone from reviews and requests too; another one stays whole."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Settings
from core.domain.identity import Actor
from core.errors import Conflict, StorageError
from core.services import doctor
from core.services.backup.restore import restore_backup
from core.services.backup.taking import make_backup
from core.services.erasure import asking as erasure
from core.services.erasure.report import report_lines
from core.services.retention import holds
from core.services.review import files
from core.services.workspace import Workspace
from core.store import open_store
from core.store.retention import rules as retention
from core.store.retention import text_search
from core.store.retention.rules import StoredRule
from core.store.tables import rights_request
from tests.core.services.erasure.test_asking import hits
from tests.core.services.review.person_cases import (
    OTHER,
    Put,
    allow_erasure,
    put_both,
    row_counts,
    subjects_of_cases,
)
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, SECRET, a_peopled_workspace, erase, people


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    allow_erasure(opened)
    yield opened
    opened.store.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    allow_erasure(opened)
    yield opened
    opened.store.close()


def attachment(workspace: Workspace, put: Put) -> Path:
    return files.folder_of(workspace) / put.file.path


def test_nothing_of_the_person_is_left_and_all_of_another(site: Workspace) -> None:
    actors = people(site)
    mine, other = put_both(site, actors)
    assert {form for _, form in hits(site.settings.home)} >= {PERSON, SECRET}
    _, report = erase(site, actors)
    assert hits(site.settings.home) == []
    assert not attachment(site, mine).parent.exists()
    assert not mine.snapshot.exists()
    assert attachment(site, other).read_bytes() == b"somebody else"
    assert other.snapshot.exists()
    with site.store.read() as conn:
        assert text_search.find(conn, PERSON) == {}
        assert text_search.find(conn, SECRET) == {}
        assert row_counts(conn) == {
            **dict.fromkeys(row_counts(conn), 1),
            "review_case": 2,
            "rights_request": 2,
            "refusal": 2,
        }
        assert subjects_of_cases(conn) == {site.keys.subject_id(OTHER)}
        column = rights_request.c
        row = conn.execute(
            select(
                column.sealed, column.words, column.prediction_id, column.snapshot_path, column.kind
            ).where(column.id == mine.request_id)
        ).one()
    assert tuple(row) == (None, "", None, None, "access")
    counts = {line.message: line.count for line in report_lines(report) if not line.model_id}
    assert counts["Cases of human review: removed"] == 2
    assert counts["Attachments and frozen data deleted from the disk"] == 2
    assert "loose_files" not in report
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")


def test_from_one_model_the_reference_stays_for_the_others(quick: Workspace) -> None:
    actors = people(quick)
    mine, _ = put_both(quick, actors)
    erase(quick, actors, model="loans")
    with quick.store.read() as conn:
        column = rights_request.c
        query = select(column.sealed, column.words).where(column.id == mine.request_id)
        sealed, words = conn.execute(query).one()
        assert row_counts(conn)["review_case"] == 2
    assert quick.keys.unseal("request", sealed).decode() == PERSON
    assert words == ""


def test_who_was_erased_since_a_backup_is_not_restored(site: Workspace, tmp_path: Path) -> None:
    actors = people(site)
    mine, other = put_both(site, actors)
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    erase(site, actors)
    home = tmp_path / "again"
    settings = Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
    done = restore_backup(
        settings,
        Path(made.path),
        keys_path=Path(made.keys_path),
        tombstones_path=site.settings.home / "tombstones.json",
    )
    assert done.erased_again == 1
    assert hits(home) == []
    again = Workspace(settings, open_store(settings.state_url))
    with again.store.read() as conn:
        assert subjects_of_cases(conn) == {site.keys.subject_id(OTHER)}
    assert attachment(again, other).read_bytes() == b"somebody else"
    assert not attachment(again, mine).exists()
    assert (home / "requests" / other.snapshot.name).exists()
    assert not (home / "requests" / mine.snapshot.name).exists()
    assert not doctor.examine(again, actor=ADMIN).at("error", "warning")
    again.store.close()


def test_files_come_back_with_a_backup(quick: Workspace, tmp_path: Path) -> None:
    mine, _ = put_both(quick, people(quick))
    made = make_backup(quick, tmp_path / "safe.tar", actor=ADMIN)
    home = tmp_path / "again"
    settings = Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
    restore_backup(settings, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None)
    for folder in ("attachments", "requests"):
        names = {path.name: path.read_bytes() for path in (home / folder).rglob("*.*")}
        there = {
            path.name: path.read_bytes() for path in (quick.settings.home / folder).rglob("*.*")
        }
        assert names == there
        assert len(names) == 2
    attachment(quick, mine).write_bytes(b"changed")
    with pytest.raises(StorageError):
        make_backup(quick, tmp_path / "other", actor=ADMIN)


@pytest.mark.parametrize("record_class", [None, "review_record", "rights_request"])
def test_a_hold_stands_in_the_way(quick: Workspace, record_class: str | None) -> None:
    actors = people(quick)
    put_both(quick, actors)
    hold = holds.place_hold(
        quick, actor=actors["lydia"], reason="Court", subject=PERSON, record_class=record_class
    )
    found = erasure.preview(quick, PERSON, actor=actors["connie"]).obstacles
    assert [each.params for each in found] == [{"hold": hold.id}]
    with pytest.raises(Conflict):
        erase(quick, actors)


def test_a_hold_on_cases_is_no_hold_on_who_has_none(quick: Workspace) -> None:
    actors = people(quick)
    holds.place_hold(quick, actor=actors["lydia"], reason="Court", record_class="review_record")
    assert erasure.preview(quick, PERSON, actor=actors["connie"]).obstacles == ()


def test_a_minimum_for_cases_stands_in_the_way(quick: Workspace) -> None:
    actors = people(quick)
    put_both(quick, actors)
    rule = StoredRule("review_record", 10, 3650, "our own", quick.clock(), "ada")
    with quick.store.begin() as conn:
        retention.put(conn, rule)
    (found,) = erasure.preview(quick, PERSON, actor=actors["connie"]).obstacles
    assert (found.kind, found.params["record_class"]) == ("minimum", "review_record")


def test_doctor_looks_at_files(quick: Workspace) -> None:
    actors: dict[str, Actor] = people(quick)
    mine, other = put_both(quick, actors)
    attachment(quick, mine).write_bytes(b"changed")
    other.snapshot.unlink()
    lost = quick.settings.home / "attachments" / "000099" / "lost.bin"
    lost.parent.mkdir()
    lost.write_bytes(b"x")
    fresh = lost.with_name("fresh.bin")
    fresh.write_bytes(b"x")
    os.utime(lost, (0, 0))
    report = doctor.examine(quick, actor=ADMIN)
    found = {(each.level, each.subject) for each in report.findings if each.check == "attachments"}
    assert found == {
        ("error", f"attachments/{mine.file.path}"),
        ("error", f"requests/{other.snapshot.name}"),
        ("warning", "attachments/000099/lost.bin"),
    }
    quiet = doctor.examine(quick, actor=ADMIN, with_hashes=False)
    assert len([each for each in quiet.at("error") if each.check == "attachments"]) == 1
